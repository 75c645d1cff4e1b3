import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Reply, type Subject, startSubject, withToken } from '../../kit/subject.ts';

/** protocol.md 14, checks 1 to 9, from outside. The conductor of the second agent is that of 2023.1. */
let agent: Subject;
let old: Subject;
beforeAll(async () => {
  [agent, old] = await Promise.all([startSubject('1.96'), startSubject('1.82')]);
}, 60_000);
afterAll(() => Promise.all([agent?.close(), old?.close()]));

const link = (href: string) => ({ href, rel: 'self' });
const follow = (from: Subject, { headers }: Reply, call = {}) =>
  from.ask(String(headers.location).replace(from.base, ''), call);
const SYNC = '{"name":"standby.get_partition_uuids","params":{}}';

describe('documents', () => {
  it('check 1: the root document, with links built from the Host of the request', async () => {
    const { status, body } = await agent.ask('/');
    expect([status, body.default_version.id]).toEqual([200, 'v1']);
    expect(body.default_version.links[0]).toEqual(link(`${agent.base}/v1`));
    const named = await agent.ask('/', { headers: { host: 'node-7.example:9999' } });
    expect(named.body.default_version.links[0]).toEqual(link('https://node-7.example:9999/v1'));
  });

  it('check 2: the version document has commands, status, media_types, id, links', async () => {
    const { status, body } = await agent.ask('/v1/');
    expect([status, Object.keys(body).sort()]).toEqual([200, ['commands', 'id', 'links', 'media_types', 'status']]);
  });

  it('check 3: the status has a usable started_at and version, without a token', async () => {
    const { status, body } = await agent.ask('/v1/status');
    expect([status, typeof body.started_at, typeof body.version]).toEqual([200, 'number', 'string']);
    expect(Math.abs(Date.now() / 1000 - body.started_at)).toBeLessThan(300);
  });

  it('check 4: /v1/commands moves to /v1/commands/ with its query, for every method, and can be followed', async () => {
    const query = withToken('/v1/commands', 'wait=true');
    const get = await agent.ask(query);
    expect([get.status, get.headers.location]).toEqual([308, `${agent.base}${query.replace('commands', 'commands/')}`]);
    expect(await follow(agent, get)).toMatchObject({ status: 200, body: { commands: expect.any(Array) } });
    const post = await agent.ask(query, { method: 'POST', body: SYNC });
    expect(post.status).toBe(308);
    const done = await follow(agent, post, { method: 'POST', body: SYNC });
    expect(done).toMatchObject({ status: 200, body: { command_status: 'SUCCEEDED' } });
    expect((await agent.ask('/commands')).status).toBe(308);
  });

  it('check 5: the short paths answer like the long ones; a slash too many is a 404 fault', async () => {
    for (const path of ['/status', '/commands/']) {
      const [short, long] = [await agent.ask(withToken(path)), await agent.ask(withToken(`/v1${path}`))];
      expect([short.status, short.body]).toEqual([200, long.body]);
    }
    const { status, headers, body } = await agent.ask('/v1/status/');
    expect([status, headers['content-type'], typeof body.faultstring]).toEqual([404, 'application/json', 'string']);
  });
});

describe('who may speak', () => {
  it('check 6: POST needs the right token, and a refusal has a faultstring', async () => {
    const call = { method: 'POST', body: SYNC };
    const none = await agent.ask('/v1/commands/?wait=true', call);
    const wrong = await agent.ask('/v1/commands/?wait=true&agent_token=wrong', call);
    for (const { status, body } of [none, wrong])
      expect([status, body]).toEqual([401, { faultcode: 'Client', faultstring: '401 Unauthorized: Token invalid.' }]);
    expect((await agent.ask(withToken('/v1/commands/', 'wait=true'), call)).status).toBe(200);
    expect((await old.ask('/v1/commands/?wait=true', call)).status).toBe(401);
  });

  it('check 7: GET needs it at once for a new conductor; for one of 2023.1 from the first GET that carries it', async () => {
    expect((await agent.ask('/v1/commands/')).status).toBe(401);
    expect((await agent.ask(withToken('/v1/commands/'))).status).toBe(200);
    expect((await old.ask('/v1/commands/')).status).toBe(200);
    expect((await old.ask('/v1/commands/?agent_token=wrong')).status).toBe(401);
    expect((await old.ask('/v1/commands/')).status).toBe(200);
    expect((await old.ask(withToken('/v1/commands/'))).status).toBe(200);
    expect((await old.ask('/v1/commands/')).status).toBe(401);
  });
});

describe('what cannot be served', () => {
  it.each([
    '{',
    '',
    'null',
    '{"name":"standby.sync"}',
    '{"name":"standby.sync","params":[]}',
    '{"name":7,"params":{}}',
  ])('check 8: %s is a 400 fault and leaves nothing in the history', async (text) => {
    const before = await agent.list();
    const { status, body } = await agent.ask(withToken('/v1/commands/'), { method: 'POST', body: text });
    expect([status, body.faultcode]).toEqual([400, 'Client']);
    expect(body.faultstring).toMatch(
      /^400 Bad Request: (Failed to decode JSON object: |Missing or invalid name or params)/,
    );
    expect(await agent.list()).toEqual(before);
  });

  it.each([
    ['nodot', 400, 'Invalid command: Command name must be of the form <extension>.<name>'],
    ['nope.x', 404, 'Not found: Extension with id nope not found.'],
    ['standby.nope', 400, 'Invalid command: Unknown command: nope'],
  ])('check 9: %s is a %i fault', async (name, status, faultstring) => {
    const answer = await agent.post(name);
    expect([answer.status, answer.body]).toEqual([status, { faultcode: 'Client', faultstring }]);
  });
});
