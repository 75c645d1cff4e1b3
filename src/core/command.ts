import { type Static, type TSchema, Type } from 'typebox';
import type { ErrorType } from './errors.ts';
import type { Run } from './run.ts';
import { parse } from './schema.ts';
import { CommandExecutionFailed, InvalidCommand, RequestedObjectNotFound, UnknownParameter } from './wire-errors.ts';

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
  /** Parameters that are not declared are none of its business; any other command fails when it gets one. */
  readonly moreParams?: boolean;
  readonly throws: readonly ErrorType[];
}

/** What the wire needs to know of a command: enough for documents, without the means to run it. */
export interface DeclaredCommand extends CommandFacts {
  readonly params: TSchema;
}

export interface Command<P> extends DeclaredCommand {
  /** Throws `InvalidCommandParamsError` before anything starts (HTTP 400). */
  readonly validate: (raw: unknown, ports: P) => void;
  readonly invoke: (raw: unknown, run: Run<P>) => Promise<unknown>;
}

/** A conductor that is newer than the agent learns from this failure that a parameter is unknown (protocol.md 7.5). */
function refuseUnknown({ name, kind, params, moreParams }: DeclaredCommand, raw: unknown): void {
  if (moreParams === true || !Type.IsObject(params) || typeof raw !== 'object' || raw === null) return;
  const unknown = Object.keys(raw).find((key) => !Object.hasOwn(params.properties, key));
  if (unknown === undefined) return;
  const known = Object.keys(params.properties).join(', ');
  const refusal = kind === 'sync' ? UnknownParameter : CommandExecutionFailed;
  throw refusal(`${name} got an unexpected keyword argument '${unknown.slice(0, 100)}'`, {
    hint: known === '' ? 'the command takes no parameters' : `known are ${known}`,
  });
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
    invoke: async (raw, run) => {
      const params = read(raw);
      refuseUnknown(facts, raw);
      return act(params, run);
    },
  };
}

/** Client text in an answer: enough to recognise it, never a whole config drive. */
const quote = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}...` : text);

/** Finds a command by its wire name; the faults are those of protocol.md 7.4. */
export function commandFinder<P>(commands: readonly Command<P>[], extensions: readonly string[]) {
  const byName = new Map(commands.map((command) => [command.name, command]));
  return (name: string): Command<P> => {
    const dot = name.indexOf('.');
    if (dot < 0) throw InvalidCommand('Command name must be of the form <extension>.<name>');
    const extension = name.slice(0, dot);
    if (!extensions.includes(extension))
      throw RequestedObjectNotFound(`Extension with id ${quote(extension)} not found.`);
    const command = byName.get(name);
    if (command === undefined) throw InvalidCommand(`Unknown command: ${quote(name.slice(dot + 1))}`);
    return command;
  };
}
