import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSecrets } from '../../src/core/index.ts';
import { commands } from '../../src/extensions/index.ts';
import { createLog } from '../../src/system/index.ts';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';
import { type Answer, ask, TEST_TOKEN } from '../kit/api.ts';
import { arbitraryOf } from '../kit/arbitrary-of.ts';
import { isRecord } from '../kit/openapi.ts';

const SECRET = 'S3cr3t-value-that-nobody-may-see';
const below: string[] = [];
let api: AgentApi;
beforeAll(async () => {
  const destination = { write: (line: string) => void below.push(line) };
  const log = createLog({ debug: true, format: 'json', secrets: createSecrets(), destination });
  api = await startAgentApi({ log, files: { '/etc/ipa-rescue-config': { kind: 'dir' } } });
});
afterAll(() => api.server.close());

const SECRET_KEYS = [
  'configdrive',
  'image_server_password',
  'image_request_authorization',
  'rescue_password',
  'pull_secret',
];

/** Puts the secret under every key that is known to hold one, wherever it may stand, and beside what is there. */
function withSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSecrets);
  if (!isRecord(value)) return value;
  const inner = Object.entries(value).map(([key, item]) => [
    key,
    SECRET_KEYS.includes(key) && typeof item === 'string' ? SECRET : withSecrets(item),
  ]);
  return Object.fromEntries(inner);
}

async function run(name: string, params: unknown): Promise<Answer> {
  const body = JSON.stringify({ name, params: withSecrets(params) });
  const answer = await ask(`${api.base}/v1/commands/?agent_token=${TEST_TOKEN}&wait=true`, { method: 'POST', body });
  expect(answer.text.includes(SECRET) || answer.text.includes(TEST_TOKEN)).toBe(false);
  return answer;
}

const WHOLE_ERROR = expect.objectContaining({
  type: expect.any(String),
  code: expect.any(Number),
  message: expect.any(String),
  details: expect.any(String),
});

/** Five keys of a command, or the two of a fault that blames the client. */
function assertSane({ status, body }: Answer): void {
  expect(status).toBeLessThan(500);
  if (status !== 200) expect([body.faultcode, typeof body.faultstring]).toEqual(['Client', 'string']);
  else if (body.command_status === 'SUCCEEDED')
    expect([Object.keys(body).length, body.command_error]).toEqual([5, null]);
  else expect([Object.keys(body).length, body.command_error]).toEqual([5, WHOLE_ERROR]);
}

/** Steps that exist, so that the search gets past the door. The machine is one that answers nothing. */
const steps = fc.constantFrom('erase_devices_metadata', 'write_image', 'execute_bootc_install', 'no_such_step');
const fitting = (command: (typeof commands)[number]): fc.Arbitrary<unknown> => {
  const params = arbitraryOf(JSON.parse(JSON.stringify(command.params)));
  if (!command.name.includes('.execute_') || command.name.startsWith('standby.')) return params;
  return fc.tuple(params, steps).map(([given, step]) => {
    const { step: old, ...rest } = Object(given);
    return { ...rest, step: { ...old, step } };
  });
};

describe('every command, with parameters made from its own schema', () => {
  it.each(commands.map((command) => [command.name, command] as const))('%s', async (name, command) => {
    await fc.assert(
      fc.asyncProperty(fitting(command), async (params) => assertSane(await run(name, params))),
      { numRuns: 25 },
    );
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    '%s, one part replaced',
    async (name, command) => {
      const broken = fc
        .tuple(fitting(command), fc.string(), fc.jsonValue({ maxDepth: 3 }))
        .map(([params, key, value]) => {
          const known = isRecord(params) ? Object.keys(params) : [];
          const at = known.length > 0 && key.length % 2 === 0 ? (known[key.length % known.length] ?? key) : key;
          return { ...Object(params), [at]: value };
        });
      await fc.assert(
        fc.asyncProperty(broken, async (params) => assertSane(await run(name, params))),
        { numRuns: 25 },
      );
    },
  );

  it('flows of known and unknown commands', async () => {
    const names = fc.constantFrom(...commands.map(({ name }) => name), 'nope.x', 'standby.nope', 'nodot');
    const item = fc.dictionary(
      names,
      fc.dictionary(fc.constantFrom('node', 'step', 'x'), fc.jsonValue({ maxDepth: 1 })),
      { maxKeys: 2 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 3 }), async (flow) =>
        assertSane(await run('flow.start_flow', { flow })),
      ),
      { numRuns: 60 },
    );
  });

  it('and afterwards list and log hold no secret', async () => {
    const { status, text, body } = await api.get('/v1/commands/');
    expect([status, text.includes(SECRET)]).toEqual([200, false]);
    expect(body.commands.length).toBeLessThanOrEqual(201);
    const lines = [...api.logLines, ...below].join('');
    expect(lines).toContain('command.start');
    expect([lines.includes(SECRET), lines.includes(TEST_TOKEN)]).toEqual([false, false]);
  });
});
