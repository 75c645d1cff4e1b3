import { connect } from 'node:net';

/** Sends exactly these characters (as Latin-1 bytes) and returns what came back until the server closed. */
export function rawExchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.setEncoding('latin1');
    socket.on('data', (part) => {
      answer += part;
    });
    socket.once('close', () => resolve(answer));
    socket.once('error', reject);
  });
}

/** Header lines and body as one request; the connection is closed after the answer. */
export const rawRequest = (lines: readonly string[], body = ''): string =>
  [...lines, 'Connection: close', '', body].join('\r\n');
