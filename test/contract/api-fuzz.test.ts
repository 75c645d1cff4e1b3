import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';
import { ask, TEST_TOKEN } from '../kit/api.ts';

const SECRET = 'S3cr3t-value-that-nobody-may-see';
/** Commands that act on the agent or wait for hardware would only slow the search. */
const NAMES = [
  'clean.get_clean_steps',
  'clean.execute_clean_step',
  'standby.prepare_image',
  'image.install_bootloader',
  'standby.get_partition_uuids',
  'nope.x',
  'standby.nope',
  'nodot',
  '',
];

let api: AgentApi;
beforeAll(async () => {
  api = await startAgentApi();
});
afterAll(() => api.server.close());

const url = (query = '') => `${api.base}/v1/commands/?agent_token=${TEST_TOKEN}${query}`;

async function assertSane(body: string | Uint8Array<ArrayBuffer>, query = ''): Promise<void> {
  const { status, text, headers, body: answer } = await ask(url(query), { method: 'POST', body });
  expect(status).toBeLessThan(500);
  expect(headers.get('content-type')).toBe('application/json');
  expect(text.includes(SECRET)).toBe(false);
  expect(text.includes(TEST_TOKEN)).toBe(false);
  if (status === 200) expect(Object.keys(answer).length).toBe(5);
  else expect([answer.faultcode, typeof answer.faultstring]).toEqual(['Client', 'string']);
}

const names = [
  'image_info',
  'step',
  'node',
  'args',
  'id',
  'urls',
  'checksum',
  'root_uuid',
  'os_hash_algo',
  'os_hash_value',
];
const keys = fc.constantFrom(...names, 'ports', '__proto__', 'constructor');
/** What arrives under these keys is nobody's business; a step name, say, is repeated when it is unknown. */
const secrets = fc.subarray(['configdrive', 'image_server_password', 'image_request_authorization', 'rescue_password']);
const withSecrets = (value: Record<string, unknown>, found: readonly string[]) => ({
  ...value,
  ...Object.fromEntries(found.map((key) => [key, SECRET])),
});
const { tree, record } = fc.letrec<{ tree: unknown; record: Record<string, unknown> }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.constantFrom(null, true, 0, -1, 1e300),
    fc.array(tie('tree'), { maxLength: 3 }),
    tie('record'),
  ),
  record: fc
    .tuple(fc.dictionary(keys, tie('tree'), { maxKeys: 5 }), secrets)
    .map(([value, found]) => withSecrets(value, found)),
}));

describe('whatever a client sends', () => {
  it('random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (bytes) => assertSane(new Uint8Array(bytes))),
      { numRuns: 150 },
    );
  });

  it('random documents', async () => {
    await fc.assert(
      fc.asyncProperty(tree, (document) => assertSane(JSON.stringify(document))),
      { numRuns: 150 },
    );
  });

  it('truncated documents with secrets', async () => {
    const whole = JSON.stringify({
      name: 'standby.prepare_image',
      params: { image_info: { image_server_password: SECRET } },
    });
    for (let length = 0; length < whole.length; length += 1) await assertSane(whole.slice(0, length));
  });

  it('real commands with random parameters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NAMES), record, (name, given) =>
        assertSane(JSON.stringify({ name, params: given }), '&wait=true'),
      ),
      { numRuns: 300 },
    );
  });

  it('random paths and methods never give a server fault', async () => {
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS');
    await fc.assert(
      fc.asyncProperty(method, fc.webPath(), fc.webQueryParameters(), async (verb, path, query) => {
        const answer = await ask(`${api.base}${path.startsWith('/') ? path : `/${path}`}?${query}`, { method: verb });
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
  });

  it('and afterwards list and log are readable and free of secrets', async () => {
    const { status, text } = await api.get('/v1/commands/');
    expect(status).toBe(200);
    expect(text.includes(SECRET)).toBe(false);
    expect(api.logLines.join('').includes(TEST_TOKEN)).toBe(false);
    expect(api.logLines.join('').includes(SECRET)).toBe(false);
  });
});
