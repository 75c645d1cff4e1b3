import type { Clock, Log, Secrets, Tell } from '../../../core/index.ts';
import type { NodeRecord } from '../../../extensions/index.ts';
import type { TalkWatch } from '../../../ironic/index.ts';
import type { Files, JsonHttp, MulticastDns, Tools } from '../../../system/index.ts';
import type { Memory } from '../../memory/index.ts';
import type { SettingsStore } from '../../settings/index.ts';

export interface MachinePorts {
  readonly tools: Tools;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly http: JsonHttp;
  readonly talk?: TalkWatch;
  readonly multicast: MulticastDns;
}

/** Certificate and key files the API serves with; null means plain HTTP. */
export interface ServerIdentity {
  readonly certPath: string;
  readonly keyPath: string;
}

/** What the phases of the boot work with. */
export interface BootContext {
  readonly ports: MachinePorts;
  readonly settings: SettingsStore;
  readonly secrets: Secrets;
  readonly nodes: NodeRecord;
  /** What an earlier run of the agent knew, and what a later one must know. */
  readonly memory: Memory;
  /** Drops commands and their traces of an earlier run; how many commands there were. */
  readonly forgetWork: () => Promise<number>;
  /** Boot NIC as the kernel line names it, verbatim; null when it does not. */
  readonly bootif: string | null;
  /** Those that fit this machine, best first. */
  readonly managers: (signal: AbortSignal) => Promise<readonly { readonly name: string; readonly version: string }[]>;
  /** Asks the hardware managers and lets them prepare the machine. */
  readonly startManagers: (signal: AbortSignal) => Promise<void>;
  /** Opens the API; later calls do nothing. */
  readonly serve: (identity: ServerIdentity | null) => Promise<void>;
  /** Told what takes long within a phase. */
  readonly tell: Tell;
  /** The system log archive, bounded in time and size. */
  readonly collectLogs: (signal: AbortSignal) => Promise<Uint8Array>;
  /** Aborts at lockdown: nothing leaves the machine after it. */
  readonly lock: AbortSignal;
}
