import { type TSchema, Type } from 'typebox';
import { fits } from '../../core/index.ts';

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

/** Unset, or empty text, is null. */
export function optional<S extends TSchema>(kind: Kind<S>) {
  const read = (raw: string) => (raw.trim() === '' ? null : kind.read(raw));
  return { schema: Type.Union([kind.schema, Type.Null()]), read, allowed: kind.allowed, bare: kind.bare === true };
}

/** A value that may also be left to the agent by the word "auto". */
export function autoOr<S extends TSchema>(kind: Kind<S>) {
  const read = (raw: string) => (raw.trim().toLowerCase() === 'auto' ? 'auto' : kind.read(raw));
  return { schema: Type.Union([Type.Literal('auto'), kind.schema]), read, allowed: `auto, ${kind.allowed}` };
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
