import type { HubSnapshot } from '../hub.ts';

/** An answered request to the agent's API. */
export interface ApiAnswer {
  readonly method: string;
  /** Pattern of the route table, e.g. `/v1/commands/:id`; null for a path that is none. */
  readonly route: string | null;
  readonly status: number;
  readonly ms: number;
}

export interface EndedCommand {
  readonly name: string;
  readonly status: string;
  readonly ms: number;
}

/** What is measured while the agent runs. Telling never fails and never waits. */
export interface Metrics {
  answered(answer: ApiAnswer): void;
  ended(command: EndedCommand): void;
}

/** The measurements so far, in the text format of Prometheus. */
export interface MetricsPage {
  readonly contentType: string;
  text(now: HubSnapshot): Promise<string>;
}

const nothing = () => undefined;
export const noMetrics: Metrics = { answered: nothing, ended: nothing };

/** Tells each of them. */
export const allMetrics = (all: readonly Partial<Metrics>[]): Metrics => ({
  answered: (answer) => {
    for (const one of all) one.answered?.(answer);
  },
  ended: (command) => {
    for (const one of all) one.ended?.(command);
  },
});
