import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { reasonOf, timerMs } from '../../../core/index.ts';
import { type TlsProtocol, tlsProtocolOptions } from '../../tls.ts';
import { percentDecoded } from '../percent.ts';
import { TransferFailed, TransferRefused, TransferStalled } from './errors.ts';
import { type OnRead, SocketWire, type Wire } from './wire.ts';

/** PEM texts, already read. `ca` null means the trust store of the ramdisk. */
export interface TlsMaterial extends TlsProtocol {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** No verification of chain and host name. */
  readonly insecure: boolean;
}

export interface ConnectOptions {
  readonly tls: TlsMaterial;
  /** Proxy for this address, with scheme; null means direct. */
  readonly proxy: URL | null;
  /** For connecting, and for each silent stretch later. */
  readonly timeoutMs: number;
}

const MAX_PROXY_ANSWER = 65_536;

const portOf = (url: URL) => Number(url.port || (url.protocol === 'https:' ? 443 : 80));
const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');
export const peerOf = (url: URL): string => `${url.hostname}:${portOf(url)}`;
/** `Basic ...` from the user part of an address, or null. */
export const basicOf = (url: URL): string | null =>
  url.username === ''
    ? null
    : `Basic ${Buffer.from(`${percentDecoded(url.username)}:${percentDecoded(url.password)}`).toString('base64')}`;

const FATAL_TLS = /^(CERT_|ERR_TLS_|DEPTH_|SELF_SIGNED|UNABLE_TO_|ERR_SSL_|ERR_OSSL_|HOSTNAME_)/;

/** Waits for `event`; a certificate problem is final, everything else is worth another try. */
function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  peer: string,
  timeoutMs: number,
  signal: AbortSignal,
) {
  return new Promise<void>((resolve, reject) => {
    const done = (error: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
      if (error === null) return resolve();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onAbort = () => done(signal.reason);
    const onError = (error: Error & { readonly code?: unknown }) => {
      const make = FATAL_TLS.test(String(error.code)) ? TransferRefused : TransferFailed;
      done(make(`cannot connect to ${peer}: ${reasonOf(error)}`, { cause: error }));
    };
    const timer = setTimeout(
      () => done(TransferStalled(`${peer} did not accept a connection within ${timeoutMs / 1000} s`)),
      timerMs(timeoutMs),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once(event, () => done(null));
    if (signal.aborted) onAbort();
  });
}

/** Asks an HTTP proxy for a tunnel and returns the bare socket behind it. */
async function tunnel(url: URL, proxy: URL, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host: hostOf(proxy), port: portOf(proxy) });
  await opened(socket, 'connect', `proxy ${peerOf(proxy)}`, timeoutMs, signal);
  const credentials = basicOf(proxy);
  const authorization = credentials === null ? '' : `Proxy-Authorization: ${credentials}\r\n`;
  socket.write(`CONNECT ${peerOf(url)} HTTP/1.1\r\nHost: ${peerOf(url)}\r\n${authorization}\r\n`);
  try {
    await tunnelOpened(socket, `proxy ${peerOf(proxy)}`, timeoutMs, signal);
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  }
}

/** Waits for the proxy's agreement. Listeners are removed one by one: the socket has some of its own. */
function tunnelOpened(socket: Socket, peer: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const done = (error: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('data', onData).removeListener('error', onError).removeListener('end', onEnd);
      if (error === null) resolve();
      else reject(error);
    };
    const onAbort = () => done(signal.reason);
    const onEnd = () => done(TransferFailed(`${peer} closed the connection`));
    const onError = (error: Error) => done(TransferFailed(`${peer} broke the connection: ${error.message}`));
    const onData = (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (!answer.includes('\r\n\r\n') && answer.length < MAX_PROXY_ANSWER) return;
      socket.pause();
      const agreed = /^HTTP\/1\.[01] 2\d\d/.test(answer);
      done(agreed ? null : TransferFailed(`${peer} refused the tunnel: ${answer.split('\r\n')[0]?.slice(0, 100)}`));
    };
    const timer = setTimeout(() => done(TransferStalled(`${peer} did not answer`)), timerMs(timeoutMs));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('data', onData).on('error', onError).on('end', onEnd);
  });
}

function tlsOptions(url: URL, tls: TlsMaterial) {
  return {
    host: hostOf(url),
    port: portOf(url),
    ...(/^[\d.]+$|:/.test(hostOf(url)) ? {} : { servername: hostOf(url) }),
    rejectUnauthorized: !tls.insecure,
    ...tlsProtocolOptions(tls),
    ALPNProtocols: ['http/1.1'],
    ...(tls.ca === null || tls.insecure ? {} : { ca: tls.ca }),
    ...(tls.cert === null ? {} : { cert: tls.cert }),
    ...(tls.key === null ? {} : { key: tls.key }),
  };
}

function tlsSocket(
  url: URL,
  tls: TlsMaterial,
  carrier: { readonly onread: OnRead } | { readonly socket: Socket },
): Socket {
  try {
    return connectTls({ ...tlsOptions(url, tls), ...carrier });
  } catch (error) {
    throw TransferRefused(`TLS settings cannot be used: ${reasonOf(error)}`, { cause: error });
  }
}

/** Opens a connection for requests to `url`. @throws TransferFailed, TransferStalled, TransferRefused */
export async function connectWire(url: URL, options: ConnectOptions, signal: AbortSignal): Promise<Wire> {
  const { proxy, timeoutMs, tls } = options;
  signal.throwIfAborted();
  const peer = peerOf(url);
  const wire = new SocketWire(peer, timeoutMs);
  if (url.protocol === 'https:' && proxy !== null) {
    const socket = tlsSocket(url, tls, { socket: await tunnel(url, proxy, timeoutMs, signal) });
    await opened(socket, 'secureConnect', peer, timeoutMs, signal);
    return wire.bind(socket, 'data');
  }
  if (url.protocol === 'https:') {
    const socket = tlsSocket(url, tls, { onread: wire.onread });
    await opened(socket, 'secureConnect', peer, timeoutMs, signal);
    return wire.bind(socket, 'onread');
  }
  const via = proxy ?? url;
  const socket = connectTcp({ host: hostOf(via), port: portOf(via), onread: wire.onread });
  await opened(socket, 'connect', peerOf(via), timeoutMs, signal);
  return wire.bind(socket, 'onread');
}
