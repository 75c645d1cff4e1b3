export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const strings = (value: unknown) => list(value).filter((item) => typeof item === 'string');

function limits(schema: Json): string {
  const { minimum, maximum } = schema;
  if (typeof minimum === 'number' && typeof maximum === 'number') return ` from ${minimum} to ${maximum}`;
  if (typeof minimum === 'number') return ` of at least ${minimum}`;
  return typeof maximum === 'number' ? ` of at most ${maximum}` : '';
}

/** A JSON schema in a few words: `integer from 0 to 65535 or null`. */
export function schemaText(schema: unknown): string {
  if (!isObject(schema)) return 'any value';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((item) => JSON.stringify(item)).join(' or ');
  const choices = [...list(schema.anyOf), ...list(schema.oneOf)];
  if (choices.length > 0) return [...new Set(choices.map(schemaText))].join(' or ');
  const { type } = schema;
  if (type === 'array') return schema.items === undefined ? 'list' : `list of ${schemaText(schema.items)}`;
  if (typeof type === 'string') return `${type}${limits(schema)}`;
  return 'any value';
}

export interface Property {
  readonly name: string;
  readonly required: boolean;
  readonly type: string;
  readonly doc: string;
  readonly fallback: string;
}

/** The named properties of an object schema. */
export function propertiesOf(schema: unknown): readonly Property[] {
  if (!isObject(schema) || !isObject(schema.properties)) return [];
  const required = strings(schema.required);
  return Object.entries(schema.properties).map(([name, property]) => {
    const { description, default: fallback } = isObject(property) ? property : {};
    return {
      name,
      required: required.includes(name),
      type: schemaText(property),
      doc: typeof description === 'string' ? description : '',
      fallback: fallback === undefined ? '' : JSON.stringify(fallback),
    };
  });
}
