import type { Clock, Log } from '../../src/core/index.ts';
import type { ConductorView, Rescued, Restarted } from '../scenario/index.ts';
import type { Timeline } from '../timeline/index.ts';

export interface Ports {
  readonly timeline: Timeline;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a run learned before it ended. */
export interface Found {
  inventory: unknown;
  deployResult: unknown;
  /** Where the conductor last met the agent, and whether it has the agent's certificate. */
  agent: ConductorView['agent'];
  /** The node after the hooks of an inspection. */
  node: Pick<ConductorView, 'properties' | 'ports'> | null;
  rescued: Rescued | null;
  /** The two processes of an agent that was killed. */
  restarted: Restarted | null;
  /** What the console said when the agent was locked. */
  locked: string | null;
}

/** One run: what it may use, and what it has learned so far. */
export interface Run {
  readonly ports: Ports;
  readonly states: string[];
  readonly logs: Record<string, string>;
  readonly found: Found;
  /** Run in reverse order at the end. */
  readonly cleanup: (() => Promise<void>)[];
}

/** Ironic's defaults for a text console, and both of ours. Conductors ask for LLDP, and no switch is here to wait for. */
export const KERNEL_ARGUMENTS = 'nofb nomodeset vga=normal console=tty0 console=ttyS0,115200 ipa-lldp-timeout=2';
