import type { Static, TSchema } from 'typebox';
import type { ErrorType } from './errors.ts';
import type { Run } from './run.ts';
import { parse } from './schema.ts';

/** The declared facts of a command (protocol.md 8.4). */
export interface CommandFacts {
  /** `<extension>.<command>`. */
  readonly name: string;
  /** `sync` answers when done; `async` answers RUNNING at once and the conductor polls. */
  readonly kind: 'sync' | 'async';
  readonly doc: string;
  /** What `command_result` holds on success, in words. */
  readonly result: string;
  /** May run while another command runs (log collection, say). */
  readonly whileBusy?: boolean;
  readonly throws: readonly ErrorType[];
}

export interface Command<P> extends CommandFacts {
  readonly params: TSchema;
  /** Throws `InvalidCommandParamsError` before anything starts (HTTP 400). */
  readonly validate: (raw: unknown, ports: P) => void;
  readonly invoke: (raw: unknown, run: Run<P>) => Promise<unknown>;
}

export function defineCommand<S extends TSchema, P>(
  spec: CommandFacts & {
    readonly params: S;
    /** Checks beyond the schema, still before the start. */
    readonly check?: (params: Static<S>, ports: P) => void;
    readonly run: (params: Static<S>, run: Run<P>) => Promise<unknown>;
  },
): Command<P> {
  const { run: act, check, ...facts } = spec;
  const read = (raw: unknown) => parse(spec.params, raw, `parameters of ${spec.name}`);
  return {
    ...facts,
    validate: (raw, ports) => {
      const params = read(raw);
      check?.(params, ports);
    },
    invoke: async (raw, run) => act(read(raw), run),
  };
}
