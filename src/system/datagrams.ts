import type { Socket } from 'node:dgram';

/** Fire and forget: nobody acknowledges a datagram, and only what this machine itself refuses is an error. */
export interface Datagrams {
  /** One UDP datagram over IPv4, which is all that statsd servers of old listen on. Rejects when it cannot be sent. */
  send(host: string, port: number, text: string): Promise<void>;
}

/** One socket for all, opened at the first datagram; it does not keep the process alive. */
export function createDatagrams(): Datagrams {
  let opened: Promise<Socket> | null = null;
  const open = async (): Promise<Socket> => {
    const { createSocket } = await import('node:dgram');
    const socket = createSocket('udp4');
    socket.unref();
    socket.on('error', () => {
      opened = null;
      socket.close();
    });
    return socket;
  };
  return {
    send: async (host, port, text) => {
      opened ??= open();
      const socket = await opened;
      await new Promise<void>((resolve, reject) => {
        socket.send(text, port, host, (error) => (error === null ? resolve() : reject(error)));
      });
    },
  };
}
