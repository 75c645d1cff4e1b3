import type { DeclaredCommand } from '../../../core/index.ts';
import {
  CommandDocument,
  CommandListDocument,
  FaultDocument,
  RootDocument,
  StatusDocument,
  VersionDocument,
} from '../documents.ts';
import type { Route } from '../routes.ts';
import { commandBody, commandSchemas } from './commands.ts';
import { operationOf, pathOf } from './operation.ts';

export interface DescribedApi {
  readonly version: string;
  readonly routes: readonly Route[];
  readonly commands: readonly DeclaredCommand[];
}

/** Schemas that are written once and referred to by name. */
const shared = {
  Root: RootDocument,
  Version: VersionDocument,
  Status: StatusDocument,
  Command: CommandDocument,
  CommandList: CommandListDocument,
  Fault: FaultDocument,
};
const names: ReadonlyMap<unknown, string> = new Map(Object.entries(shared).map(([name, schema]) => [schema, name]));

/** A copy in which every shared schema below `value` is a reference. */
const referring = (value: unknown): unknown => {
  const text = JSON.stringify(value, (key, item: unknown) => {
    const name = key === '' ? undefined : names.get(item);
    return name === undefined ? item : { $ref: `#/components/schemas/${name}` };
  });
  const copy: unknown = JSON.parse(text);
  return copy;
};

const info = (version: string) => ({
  title: 'Ironic node agent',
  description:
    'API of the agent that provisions a bare-metal machine. Every GET route answers HEAD too; a path of the list without its last slash is redirected with 308.',
  version,
  license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
});

const TOKEN_DOC =
  'The token of the lookup answer. Old conductors send it with POST only; for them reading is open until the first GET that carries it (option `get_token_policy`).';

const pathsOf = ({ routes, commands }: DescribedApi) => {
  const body = commandBody(commands);
  const byPath = Map.groupBy(routes, pathOf);
  return Object.fromEntries(
    [...byPath].map(([path, here]) => [
      path,
      Object.fromEntries(here.map((route) => [route.method.toLowerCase(), operationOf(route, body)])),
    ]),
  );
};

/**
 * The API as an OpenAPI 3.1 document, made from the tables that the server itself works with. It is built when it is
 * asked for and kept by nobody: neither the start nor the idle agent pays for it.
 */
export function openApiDocument(api: DescribedApi) {
  const schemas = Object.entries(shared).map(([name, schema]) => [name, referring(schema)]);
  return {
    openapi: '3.1.0',
    info: info(api.version),
    servers: [{ url: '/' }],
    paths: referring(pathsOf(api)),
    components: {
      schemas: { ...Object.fromEntries(schemas), ...commandSchemas(api.commands) },
      securitySchemes: { agentToken: { type: 'apiKey', in: 'query', name: 'agent_token', description: TOKEN_DOC } },
    },
  };
}
