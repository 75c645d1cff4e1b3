import type { Run, Step } from '../../core/index.ts';
import type { HardwarePorts } from '../ports.ts';

/** Who offers steps, as the conductor sees it (inventory 1.3, 1.4). */
export interface ManagerFacts {
  /** Key of the version map. */
  readonly name: string;
  /** Key of the step map. */
  readonly className: string;
  readonly version: string;
  /** Asked once at start: how well it fits this machine. 0 or less: not at all; the higher of two goes first. */
  readonly evaluate: (ports: HardwarePorts, signal: AbortSignal) => Promise<number>;
  /** After all managers were asked, the best first; only of those that fit. */
  readonly initialize?: (ports: HardwarePorts, signal: AbortSignal) => Promise<void>;
}

/** A manager with its steps; `P` are the ports that the steps ask for. */
export interface Manager<P> extends ManagerFacts {
  readonly steps: readonly Step<P>[];
  /** Steps that are known only on the machine, read at each use. */
  readonly moreSteps?: (run: Run<P>) => Promise<readonly Step<P>[]>;
}

/** A manager that was asked and fits; `support` is its answer. */
export type Fitting<M> = M & { readonly support: number };

/** Support levels of the reference; vendors' own managers may say more. */
export const SUPPORT = { none: 0, generic: 1, mainline: 2 } as const;

/** Joins a manager with steps that are declared in a room above this one. */
export const withSteps = <P>(facts: ManagerFacts, steps: readonly Step<P>[]): Manager<P> => ({ ...facts, steps });
