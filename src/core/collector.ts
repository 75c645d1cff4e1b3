import type { Static, TSchema } from 'typebox';
import { reasonOf } from './errors.ts';
import { problemsOf } from './schema.ts';

export interface CollectorFacts {
  readonly name: string;
  readonly doc: string;
  /** A collector that is not done by then is given up and its fallback is used. */
  readonly budgetMs: number;
}

/** One part of the inventory. `fallback` is what the wire carries when the part could not be read (inventory.md 2). */
export interface Collector<P> extends CollectorFacts {
  readonly schema: TSchema;
  readonly run: (ports: P, signal: AbortSignal) => Promise<CollectorOutcome>;
}

export interface CollectorOutcome {
  readonly value: unknown;
  /** Why the fallback was used or a field is missing; empty when all went well. */
  readonly problems: readonly string[];
}

export function defineCollector<S extends TSchema, P>(
  spec: CollectorFacts & {
    readonly schema: S;
    readonly fallback: Static<S>;
    /** `note` records a field that could not be read without giving up the rest. */
    readonly collect: (ports: P, signal: AbortSignal, note: (problem: string) => void) => Promise<Static<S>>;
  },
): Collector<P> & { readonly collect: typeof spec.collect } {
  const run = async (ports: P, outer: AbortSignal): Promise<CollectorOutcome> => {
    const problems: string[] = [];
    const signal = AbortSignal.any([outer, AbortSignal.timeout(spec.budgetMs)]);
    const expired = new Promise<never>((_resolve, reject) => {
      const fail = () => reject(new Error(outer.aborted ? 'cancelled' : `no answer within ${spec.budgetMs} ms`));
      signal.addEventListener('abort', fail, { once: true });
    });
    try {
      const value = await Promise.race([spec.collect(ports, signal, (problem) => problems.push(problem)), expired]);
      const wrong = problemsOf(spec.schema, value);
      if (wrong.length === 0) return { value, problems };
      return { value: spec.fallback, problems: [...problems, ...wrong] };
    } catch (error) {
      return { value: spec.fallback, problems: [...problems, reasonOf(error)] };
    }
  };
  return { ...spec, run };
}
