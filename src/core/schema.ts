import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { InvalidCommandParams } from './wire-errors.ts';

interface Problem {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message: string;
}
interface Validator {
  Check(value: unknown): boolean;
  Errors(value: unknown): readonly Problem[];
}

/** Compiling a schema costs milliseconds and memory, so it happens at first use and is kept beside the schema. */
const compiled = new WeakMap<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made: Validator = Compile(schema);
  compiled.set(schema, made);
  return made;
}

/** Problems of `value` under `schema` as short sentences such as `/id must be string`; empty when it fits. */
export function problemsOf(schema: TSchema, value: unknown): readonly string[] {
  const validator = validatorOf(schema);
  if (validator.Check(value)) return [];
  return validator
    .Errors(value)
    .filter((p) => p.keyword !== 'boolean')
    .slice(0, 5)
    .map((p) => `${p.instancePath === '' ? 'value' : p.instancePath} ${p.message}`);
}

export function fits<S extends TSchema>(schema: S, value: unknown): value is Static<S> {
  return validatorOf(schema).Check(value);
}

/** Returns `value` typed, or throws `InvalidCommandParamsError` naming `what` and each problem. */
export function parse<S extends TSchema>(schema: S, value: unknown, what = 'value'): Static<S> {
  if (fits(schema, value)) return value;
  throw InvalidCommandParams(`${what}: ${problemsOf(schema, value).join('; ')}`);
}
