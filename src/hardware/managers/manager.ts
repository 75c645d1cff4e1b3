import type { Step } from '../../core/index.ts';

/** Who offers steps, as the conductor sees it (inventory 1.4, steps 1.3). */
export interface ManagerFacts {
  /** Key of the version map. */
  readonly name: string;
  /** Key of the step map. */
  readonly className: string;
  readonly version: string;
  /** 0: not usable here. Higher numbers win where several managers offer one step. */
  readonly support: number;
  /** Asked once at start; the answer replaces `support`. */
  readonly evaluate: () => Promise<number>;
}

/** A manager with its steps; `P` are the ports that the steps ask for. */
export interface Manager<P> extends ManagerFacts {
  readonly steps: readonly Step<P>[];
}

/** Joins a manager with steps that are declared in a room above this one. */
export const withSteps = <P>(facts: ManagerFacts, steps: readonly Step<P>[]): Manager<P> => ({ ...facts, steps });
