import type { Dialled, Handshake, Resolution } from '../../system/index.ts';

/** A server that the agent must reach. */
export interface DiagnosisTarget {
  readonly role: 'Ironic API' | 'inspection callback';
  /** The URL as configured. */
  readonly url: string;
}

export interface LinkState {
  readonly name: string;
  /** Null while the interface is down: the kernel does not know then. */
  readonly carrier: boolean | null;
  readonly addresses: readonly string[];
}

export interface Way {
  readonly address: string;
  /** Where the kernel would send it; null when there is no route. */
  readonly route: {
    readonly from: string | null;
    readonly device: string | null;
    readonly gateway: string | null;
  } | null;
  readonly dialled: Dialled;
}

export type HttpSaid =
  | {
      readonly status: number;
      /** Of the version document of an Ironic API, else null. */
      readonly apiVersion: string | null;
      /** The beginning of the body, for people. */
      readonly excerpt: string;
    }
  | { readonly code: string; readonly why: string };

/** What one look at the way to a server has found. A step that was not reached is null. */
export interface PathFacts {
  readonly target: DiagnosisTarget;
  /** Our clock, milliseconds since the epoch. */
  readonly ours: number;
  /** The server's clock by its `Date` header; null when it did not tell. */
  readonly theirs: number | null;
  readonly links: readonly LinkState[];
  /** The proxy that requests take, without credentials. */
  readonly proxy: string | null;
  /** Server, or its proxy. */
  readonly host: string;
  readonly port: number;
  readonly resolution: Resolution | null;
  readonly ways: readonly Way[];
  readonly handshake: Handshake | null;
  /** The authority file in use; null for the store of the ramdisk. */
  readonly cafile: string | null;
  readonly insecure: boolean;
  readonly minVersion: '1.2' | '1.3';
  readonly http: HttpSaid | null;
}

/** What is wrong, for programs. `clock`: both clocks in milliseconds since the epoch; theirs may be a certificate's date. */
export type Finding =
  | { readonly kind: 'clock'; readonly theirs: number; readonly ours: number }
  | { readonly kind: 'link' | 'address' | 'name' | 'route' | 'connection' | 'tls' | 'certificate' | 'api' };

/** One step of the way. */
export interface Check {
  readonly name: 'link' | 'address' | 'name' | 'route' | 'connection' | 'TLS' | 'API';
  readonly ok: boolean;
  /** What was seen, in one line. */
  readonly text: string;
  /** The next step for the operator; only of a failed check. */
  readonly advice?: string;
  readonly finding?: Finding;
}

export interface Diagnosis {
  readonly url: string;
  readonly role: DiagnosisTarget['role'];
  readonly checks: readonly Check[];
  /** One line: the first failed check and the next step; null when the way is free. */
  readonly verdict: string | null;
  readonly finding: Finding | null;
}
