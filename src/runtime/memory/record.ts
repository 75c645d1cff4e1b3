import { type Static, type TSchema, Type } from 'typebox';
import { fits, problemsOf } from '../../core/index.ts';

/** Raised when a reader of today could not understand what is written then. */
const FORMAT = 1;

/** Who wrote a record: a record of another boot describes another life of the machine. */
export interface Stamp {
  /** `/proc/sys/kernel/random/boot_id`; empty where the kernel does not tell it. */
  readonly boot: string;
  /** Version of the agent. */
  readonly agent: string;
}

const Envelope = Type.Object({
  format: Type.Integer(),
  boot: Type.String(),
  agent: Type.String(),
  value: Type.Unknown(),
});

export type Decoded<T> =
  | { readonly kind: 'good'; readonly value: T; readonly agent: string }
  | { readonly kind: 'ignored'; readonly why: string; readonly otherBoot: boolean };

const ignored = (why: string, otherBoot = false) => ({ kind: 'ignored', why, otherBoot }) as const;

export const encode = (value: unknown, { boot, agent }: Stamp): string =>
  `${JSON.stringify({ format: FORMAT, boot, agent, value })}\n`;

/** Undefined when it is no JSON. The parser's own words would quote the text, which may hold a secret. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads what `encode` wrote. Anything else is told apart and ignored; nothing in the text can make this throw. */
export function decode<S extends TSchema>(schema: S, text: string, { boot }: Stamp): Decoded<Static<S>> {
  const json = parseJson(text);
  if (json === undefined) return ignored('it is no JSON');
  if (!fits(Envelope, json)) return ignored('it was not written by this agent');
  if (json.format !== FORMAT) return ignored(`it has format ${json.format}, this agent reads ${FORMAT}`);
  if (json.boot !== boot) return ignored('it is of another boot', true);
  const { value, agent } = json;
  return fits(schema, value) ? { kind: 'good', value, agent } : ignored(problemsOf(schema, value).join('; '));
}
