/** The parts of an OpenAPI document that tests look into. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: unknown;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

export interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly oneOf?: readonly Schema[];
  readonly discriminator?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
}

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: unknown;
  }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>;
  readonly security: readonly Readonly<Record<string, unknown>>[];
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const operationsOf = ({ paths }: OpenApi) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );

/** Every `$ref` below a value. */
export function refsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === '$ref' && typeof item === 'string' ? [item] : refsIn(item),
  );
}

function target(document: OpenApi, ref: string): unknown {
  let at: unknown = document;
  for (const key of ref.replace(/^#\//, '').split('/')) {
    if (!isRecord(at) || !(key in at)) throw new Error(`${ref} leads nowhere`);
    at = at[key];
  }
  return at;
}

/** A copy in which every reference is replaced by what it names, for validators that know no document. */
export function inlined(document: OpenApi, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => inlined(document, item));
  if (!isRecord(value)) return value;
  if (typeof value.$ref === 'string') return inlined(document, target(document, value.$ref));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inlined(document, item)]));
}
