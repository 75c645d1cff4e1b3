import type { Static, TSchema } from 'typebox';
import type { ErrorType } from './errors.ts';
import type { Run } from './run.ts';
import { parse } from './schema.ts';

export type StepKind = 'clean' | 'deploy' | 'service';

export interface ArgInfo {
  readonly description: string;
  readonly required: boolean;
}

/** The declared facts of a step (steps.md 1.2). Absent kinds in `in` mean: not offered there. */
export interface StepFacts {
  readonly name: string;
  /** A word of the conductor's; steps of `deploy` and `raid` it offers everywhere (steps.md 1.7). */
  readonly interface: string;
  readonly doc: string;
  readonly in: Partial<Readonly<Record<StepKind, { readonly priority: number }>>>;
  readonly abortable?: boolean;
  readonly rebootRequested?: boolean;
  /** Advertised arguments; the conductor rejects user arguments that are not listed. */
  readonly argsinfo?: Readonly<Record<string, ArgInfo>>;
  readonly throws: readonly ErrorType[];
}

/** A step with its argument type erased, so that a registry needs no casts. */
export interface Step<P> extends StepFacts {
  readonly args: TSchema;
  readonly invoke: (raw: unknown, run: Run<P>) => Promise<unknown>;
}

export function defineStep<S extends TSchema, P>(
  spec: StepFacts & { readonly args: S; readonly run: (args: Static<S>, run: Run<P>) => Promise<unknown> },
): Step<P> {
  const { run: act, ...facts } = spec;
  return { ...facts, invoke: async (raw, run) => act(parse(spec.args, raw, `arguments of step ${spec.name}`), run) };
}
