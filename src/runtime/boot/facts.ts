import type { Node } from '../../core/index.ts';
import type { Inventory, LldpHeard } from '../../hardware/index.ts';
import type { ConductorApi, LookupResult } from '../../ironic/index.ts';
import type { LateReport } from '../inspection/index.ts';

/** What the agent has learned since power-on. Each phase adds to it; only a start over takes away. */
export interface BootFacts {
  /** Multicast DNS has told of a conductor. */
  readonly announced?: true;
  /** LLDP, when VLANs were made by it. */
  readonly heard?: LldpHeard;
  readonly inventory?: Inventory;
  /** The inspection callback took the report. */
  readonly inspected?: true;
  /** UUID that the inspection callback returned. */
  readonly inspectedUuid?: string;
  /** A report that is tried in the background. */
  readonly late?: LateReport;
  readonly api?: ConductorApi;
  readonly lookup?: LookupResult;
  readonly node?: Node;
  readonly callbackHost?: string;
  readonly certificate?: { readonly certPath: string; readonly keyPath: string; readonly certPem: string };
  readonly serving?: boolean;
}

/** States of protocol.md 1.2, with the work before `serving` told apart. */
export type BootState =
  | 'starting'
  | 'settling'
  | 'inspecting'
  | 'looking up'
  | 'securing'
  | 'serving'
  | 'stopping'
  | 'locked'
  | 'rescued'
  | 'fatal-token';

/** One named part of the boot. `waitsFor` is what an operator reads while it lasts. */
export interface Phase {
  readonly state: BootState;
  readonly waitsFor: string;
  readonly when: (facts: BootFacts) => boolean;
  readonly run: (facts: BootFacts, signal: AbortSignal) => Promise<BootFacts | BootEnd>;
  /** Failures for which the reference ends and is started anew: the boot goes back to the phase that has `forget`. */
  readonly isStale?: (error: unknown) => boolean;
  /** Drops what may have become wrong, when the boot starts over with this phase. Returns what stays. */
  readonly forget?: (facts: BootFacts) => BootFacts;
}

/** A state that the boot ends in without serving. */
export interface BootEnd {
  readonly end: 'locked' | 'rescued' | 'fatal-token';
  readonly why: string;
}

export const isEnd = (outcome: BootFacts | BootEnd): outcome is BootEnd => 'end' in outcome;
