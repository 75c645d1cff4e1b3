import { FaultDocument } from '../documents.ts';
import type { Route } from '../routes.ts';

/** `/v1/commands/:id` -> `/v1/commands/{id}`. The other paths of a route are only mentioned. */
export const pathOf = ({ paths }: Route): string => (paths[0] ?? '/').replace(/:(\w+)/g, '{$1}');

const isWithId = (route: Route): boolean => pathOf(route).includes('{id}');

const json = (schema: unknown) => ({ 'application/json': { schema } });
const answerOf = ({ type, response }: Route) =>
  type === undefined ? json(response) : { 'text/plain': { schema: response } };

const FAULTS: Readonly<Record<string, string>> = {
  400: 'The request is malformed: not JSON, not a command, an unknown command, or parameters that do not fit.',
  401: 'The agent token is missing or wrong.',
  404: 'There is no such extension, or no such command.',
  409: 'Another command runs; the text holds "agent is busy".',
  413: 'The body is larger than any deployment.',
};

function faultsOf(route: Route): readonly string[] {
  const token = route.token === false ? [] : ['401'];
  const lookup = isWithId(route) ? ['404'] : [];
  return route.body === undefined ? [...token, ...lookup] : ['400', ...token, '404', '409', '413'];
}

const idParameter = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

/** One operation of the document; shared schemas in it are still themselves. */
export function operationOf(route: Route, body: unknown) {
  const fault = (description: string) => ({ description, content: json(FaultDocument) });
  const query = Object.entries(route.query ?? {}).map(([name, schema]) => ({ name, in: 'query', schema }));
  const aliases = route.paths.slice(1).map((path) => `\`${path}\``);
  return {
    operationId: route.name,
    description: aliases.length === 0 ? route.doc : `${route.doc} Also at ${aliases.join(', ')}.`,
    parameters: [...(isWithId(route) ? [idParameter] : []), ...query],
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: {
      200: { description: 'Done, or under way.', content: answerOf(route) },
      ...Object.fromEntries(faultsOf(route).map((status) => [status, fault(FAULTS[status] ?? '')])),
      default: fault('Any other fault.'),
    },
    security: route.token === false ? [] : [{ agentToken: [] }],
  };
}
