import type { Log } from './log.ts';
import type { Tell } from './progress.ts';

/** Node object as the conductor sends it: secrets masked, everything optional (protocol.md 8.2). */
export interface Node {
  readonly uuid?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly instance_info?: Readonly<Record<string, unknown>>;
  readonly driver_info?: Readonly<Record<string, unknown>>;
  readonly driver_internal_info?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** What a command or step gets while it runs. `P` are the ports it asks for. */
export interface Run<P> {
  readonly ports: P;
  /** The node of this call, else the cached one; null before lookup. */
  readonly node: Node | null;
  /** The network ports of the node, as the conductor sent them with this call. */
  readonly portRecords?: unknown;
  readonly signal: AbortSignal;
  readonly progress: Tell;
  readonly log: Log;
}
