import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';
import { type Answer, ask, TEST_TOKEN } from '../kit/api.ts';
import { inlined, type OpenApi, operationsOf } from '../kit/openapi.ts';

let api: AgentApi;
let document: OpenApi;
beforeAll(async () => {
  api = await startAgentApi();
  document = (await ask(`${api.base}/v1/openapi.json`)).body;
});
afterAll(() => api.server.close());

/** Does the answer look as the document says for this operation and status? */
function assertDeclared(operationId: string, { status, body }: Answer): void {
  const found = operationsOf(document).find(({ operation }) => operation.operationId === operationId)?.operation;
  const declared = found?.responses[status] ?? found?.responses.default;
  const schema = inlined(document, declared?.content['application/json']?.schema);
  expect([operationId, status, [...Compile(Object(schema)).Errors(body)]]).toEqual([operationId, status, []]);
}
const TOKEN = `agent_token=${TEST_TOKEN}`;

describe('GET /v1/openapi.json', () => {
  it('is the document of the reference, without a token', async () => {
    const reference = join(import.meta.dirname, '../../docs/reference/openapi.json');
    const { status, headers, body } = await ask(`${api.base}/v1/openapi.json`);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    expect({ ...body, info: null }).toEqual({ ...JSON.parse(readFileSync(reference, 'utf8')), info: null });
  });

  it('HEAD tells its length', async () => {
    const { status, text, headers } = await ask(`${api.base}/v1/openapi.json`, { method: 'HEAD' });
    expect([status, text]).toEqual([200, '']);
    expect(Number(headers.get('content-length'))).toBeGreaterThan(10_000);
  });
});

describe('what the server answers is what the document says', () => {
  it.each([
    ['getRoot', '/'],
    ['getVersion', '/v1/'],
    ['getStatus', '/v1/status'],
    ['getOpenApi', '/v1/openapi.json'],
    ['listCommands', `/v1/commands/?${TOKEN}`],
    ['listCommands', '/v1/commands/'],
    ['getCommand', `/v1/commands/nothing?${TOKEN}`],
  ])('%s %s', async (operation, path) => {
    assertDeclared(operation, await ask(`${api.base}${path}`));
  });

  it('commands, whether they succeed, fail or are refused', async () => {
    const ended = await api.post('standby.get_partition_uuids');
    assertDeclared('runCommand', ended);
    assertDeclared('runCommand', await api.post('standby.sync'));
    const running = await api.post('standby.power_off');
    assertDeclared('runCommand', running);
    for (const name of ['nope.x', 'standby.nope', 'nodot', 7]) assertDeclared('runCommand', await api.post(name));
    const one = `${api.base}/v1/commands/${running.body.id}?${TOKEN}`;
    assertDeclared('getCommand', await ask(one));
    assertDeclared('cancelCommand', await ask(`${one}&wait=true`, { method: 'DELETE' }));
    assertDeclared('listCommands', await api.get('/v1/commands/'));
  });
});
