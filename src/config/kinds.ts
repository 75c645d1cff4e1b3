import { type TSchema, Type } from 'typebox';
import { fits } from '../core/index.ts';

/** How a value is spelled in text and what it may be. Kinds without arguments are shared, so each schema compiles once. */
export interface Kind<S extends TSchema> {
  readonly schema: S;
  /** Text to value. Text that makes no sense becomes something the schema refuses. */
  readonly read: (raw: string) => unknown;
  /** For people, after "expected": `an integer from 0 to 65535`. */
  readonly allowed: string;
  /** On the command line the flag stands alone, and `no` in front of its name says false. */
  readonly bare?: boolean;
}

const YES = /^(true|1|on|yes)$/i;
const NO = /^(false|0|off|no)$/i;

const readBool = (raw: string) => {
  const word = raw.trim();
  return YES.test(word) ? true : NO.test(word) ? false : undefined;
};
const readInteger = (raw: string) => (/^[+-]?\d+$/.test(raw.trim()) ? Number(raw) : undefined);
const readNumber = (raw: string) =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(raw.trim()) ? Number(raw) : undefined;
const readList = (raw: string) =>
  raw
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function readDict(raw: string): unknown {
  const pairs = readList(raw).map((pair) => /^([^:]+):(.*)$/s.exec(pair));
  if (pairs.includes(null)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1]?.trim() ?? '', pair?.[2]?.trim() ?? '']));
}

const Strings = Type.Immutable(Type.Array(Type.String()));

export const text = { schema: Type.String(), read: (raw: string) => raw, allowed: 'text' };
export const bool = {
  schema: Type.Boolean(),
  read: readBool,
  allowed: 'true or false (also 1/0, on/off, yes/no)',
  bare: true,
};
export const list = { schema: Strings, read: readList, allowed: 'a comma-separated list' };
export const dict = {
  schema: Type.Record(Type.String(), Type.String()),
  read: readDict,
  allowed: 'comma-separated key:value pairs',
};

/** A whole number; both ends are allowed. */
export function integer(minimum: number, maximum = Number.MAX_SAFE_INTEGER) {
  const upper = maximum === Number.MAX_SAFE_INTEGER ? ' or more' : ` to ${maximum}`;
  const allowed = upper === ' or more' ? `an integer of ${minimum}${upper}` : `an integer from ${minimum}${upper}`;
  return { schema: Type.Integer({ minimum, maximum }), read: readInteger, allowed };
}

export function number(minimum: number) {
  return { schema: Type.Number({ minimum }), read: readNumber, allowed: `a number of ${minimum} or more` };
}

export const port = integer(0, 65_535);
export const count = integer(0);

/** Text of a form; `allowed` says the form in words. */
export function matching(pattern: string, allowed: string) {
  return { schema: Type.String({ pattern }), read: (raw: string) => raw.trim(), allowed };
}

/** A comma list whose items all have one form. */
export function listOf(pattern: string, allowed: string) {
  return { schema: Type.Immutable(Type.Array(Type.String({ pattern }))), read: readList, allowed };
}

export function choice<const V extends string>(values: readonly V[]) {
  const read = (raw: string) => raw.trim();
  return { schema: Type.Enum([...values]), read, allowed: `one of ${values.join(', ')}` };
}

/** Unset, or empty text, is null. */
export function optional<S extends TSchema>(kind: Kind<S>) {
  const read = (raw: string) => (raw.trim() === '' ? null : kind.read(raw));
  return { schema: Type.Union([kind.schema, Type.Null()]), read, allowed: kind.allowed, bare: kind.bare === true };
}

/** The value of `raw`, or the schema's refusal. Text is read; other values (JSON of the conductor) must fit as they are. */
export function readValue(kind: Kind<TSchema>, raw: unknown): { readonly ok: boolean; readonly value: unknown } {
  const value = typeof raw === 'string' ? kind.read(raw) : raw;
  return { ok: fits(kind.schema, value), value };
}

/** Text that `read` turns back into `value`; empty for null. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, item]) => `${key}:${item}`)
      .join(',');
  return String(value);
}
