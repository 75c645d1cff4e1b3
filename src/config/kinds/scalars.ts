import { Type } from 'typebox';

const YES = /^(true|1|on|yes)$/i;
const NO = /^(false|0|off|no)$/i;
const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function readBool(raw: string): unknown {
  const word = raw.trim();
  if (YES.test(word)) return true;
  return NO.test(word) ? false : undefined;
}
const readNumber = (form: RegExp) => (raw: string) => (form.test(raw.trim()) ? Number(raw) : undefined);

export const text = { schema: Type.String(), read: (raw: string) => raw, allowed: 'text' };
export const bool = {
  schema: Type.Boolean(),
  read: readBool,
  allowed: 'true or false (also 1/0, on/off, yes/no)',
  bare: true,
};

/** A whole number; both ends are allowed. */
export function integer(minimum: number, maximum?: number) {
  const schema = Type.Integer({ minimum, maximum: maximum ?? Number.MAX_SAFE_INTEGER });
  const allowed =
    maximum === undefined ? `an integer of ${minimum} or more` : `an integer from ${minimum} to ${maximum}`;
  return { schema, read: readNumber(INTEGER), allowed };
}

export function number(minimum: number) {
  return { schema: Type.Number({ minimum }), read: readNumber(DECIMAL), allowed: `a number of ${minimum} or more` };
}

export const port = integer(0, 65_535);
export const count = integer(0);

/** Text of a form; `allowed` says the form in words. */
export function matching(pattern: string, allowed: string) {
  return { schema: Type.String({ pattern }), read: (raw: string) => raw.trim(), allowed };
}

export function choice<const V extends string>(values: readonly V[]) {
  const read = (raw: string) => raw.trim();
  return { schema: Type.Enum([...values]), read, allowed: `one of ${values.join(', ')}` };
}
