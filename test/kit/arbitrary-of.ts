import fc from 'fast-check';
import { isRecord } from './openapi.ts';

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const bounds = (schema: Readonly<Record<string, unknown>>) => ({
  ...(typeof schema.minLength === 'number' ? { minLength: schema.minLength } : {}),
  maxLength: typeof schema.maxLength === 'number' ? Math.min(schema.maxLength, 20) : 20,
});

function objectOf(schema: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const named = Object.fromEntries(Object.entries(properties).map(([name, item]) => [name, arbitraryOf(item)]));
  const required = list(schema.required).filter((name) => typeof name === 'string');
  const patterns = isRecord(schema.patternProperties) ? Object.values(schema.patternProperties) : [];
  const record = fc.record(named, { requiredKeys: required });
  if (patterns.length === 0) return record;
  return fc
    .tuple(record, fc.dictionary(fc.string({ maxLength: 8 }), arbitraryOf(patterns[0]), { maxKeys: 3 }))
    .map(([known, more]) => ({ ...more, ...known }));
}

/** Values that fit a JSON schema, as far as our schemas use the language. */
export function arbitraryOf(schema: unknown): fc.Arbitrary<unknown> {
  if (!isRecord(schema)) return fc.jsonValue({ maxDepth: 2 });
  if ('const' in schema) return fc.constant(schema.const);
  const choices = [...list(schema.anyOf), ...list(schema.oneOf)];
  if (choices.length > 0) return fc.oneof(...choices.map(arbitraryOf));
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(arbitraryOf(schema.items), { maxLength: 3 });
    case 'string':
      return fc.string(bounds(schema));
    case 'integer':
      return fc.integer();
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}
