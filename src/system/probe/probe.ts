import type { Files } from '../files.ts';
import { type ClientTls, type ProxyEnvironment, proxyOf } from '../http/index.ts';
import { dial } from './dial.ts';
import { handshake } from './handshake.ts';
import { resolveName } from './name.ts';

/** What a DNS server said about a name when it was asked alone. */
export interface ServerSaid {
  readonly server: string;
  readonly said: 'knows it' | 'no such name' | 'no answer' | 'refuses';
}

export type Resolution =
  | { readonly addresses: readonly string[] }
  /** `code` of the system's resolver: ENOTFOUND, EAI_AGAIN, ETIMEDOUT. */
  | { readonly code: string; readonly servers: readonly ServerSaid[] };

export type Dialled = { readonly from: string | null } | { readonly code: string };

export interface CertificateFacts {
  /** One line. */
  readonly subject: string;
  readonly issuer: string;
  /** `IP Address:10.0.0.1, DNS:api`; empty when there are none. */
  readonly names: string;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly validTo: number;
}

export type Handshake =
  /** `fault`: null when the certificate is trusted, else the code of OpenSSL or Node for why not. Leaf first. */
  | { readonly protocol: string; readonly fault: string | null; readonly chain: readonly CertificateFacts[] }
  | { readonly code: string; readonly message: string };

export interface HandshakeTarget {
  readonly address: string;
  readonly port: number;
  /** The name that the certificate must have. */
  readonly host: string;
  readonly tls: ClientTls;
}

/** One step of the way to a server at a time, for diagnosis. Nothing here rejects but by the signal. */
export interface NetProbe {
  /** The proxy that requests to `url` take, or null. */
  proxyOf(url: URL): string | null;
  resolve(host: string, budgetMs: number, signal: AbortSignal): Promise<Resolution>;
  dial(address: string, port: number, budgetMs: number, signal: AbortSignal): Promise<Dialled>;
  /** Looks at any certificate, and judges it as requests do. */
  handshake(target: HandshakeTarget, budgetMs: number, signal: AbortSignal): Promise<Handshake>;
}

export const createNetProbe = (
  files: Pick<Files, 'text' | 'textOrNull'>,
  environment: ProxyEnvironment = {},
): NetProbe => ({
  proxyOf: (url) => proxyOf(url, environment),
  resolve: (host, budgetMs, signal) => resolveName(files, host, budgetMs, signal),
  dial,
  handshake: (target, budgetMs, signal) => handshake(files, target, budgetMs, signal),
});
