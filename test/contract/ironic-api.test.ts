import { afterEach, describe, expect, it } from 'vitest';
import { createApi, parseVersion } from '../../src/ironic/index.ts';
import { apiSettings, ironicKit } from '../kit/ironic-ports.ts';
import { deadUrl, type ScriptedConductor, startConductor } from '../kit/scripted-conductor.ts';

const open: ScriptedConductor[] = [];
const conductor = async (...args: Parameters<typeof startConductor>) => {
  const one = await startConductor(...args);
  open.push(one);
  return one;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const { signal } = new AbortController();
const newest = parseVersion('1.62') ?? { major: 0, minor: 0 };
const ask = { method: 'GET', path: '/v1/lookup?addresses=', newest } as const;

describe('requests to the API', () => {
  it('finds the version out once, without a version header, and never asks for more than the server has', async () => {
    const server = await conductor({ version: '1.58' });
    const api = createApi(ironicKit().ports, apiSettings([server.url], { globalRequestId: 'req-1' }));
    await api.request(ask, signal);
    await api.request(ask, signal);
    const [root, ...more] = server.seen('root');
    expect(more).toEqual([]);
    expect(root?.headers).not.toHaveProperty('x-openstack-ironic-api-version');
    for (const { headers } of server.seen('lookup')) {
      expect(headers['x-openstack-ironic-api-version']).toBe('1.58');
      expect(headers['x-openstack-request-id']).toBe('req-1');
      expect(headers['content-type']).toBe('application/json');
      expect(headers.accept).toBe('application/json');
    }
    expect(await api.apiVersion(signal)).toEqual(parseVersion('1.58'));
  });

  it('takes a configured version without asking', async () => {
    const server = await conductor();
    const api = createApi(ironicKit().ports, apiSettings([server.url], { version: '1.40' }));
    await api.request(ask, signal);
    expect(server.seen('root')).toEqual([]);
    expect(server.seen('lookup')[0]?.headers['x-openstack-ironic-api-version']).toBe('1.40');
  });

  it('asks when the configured version is no version', async () => {
    const server = await conductor();
    const kit = ironicKit();
    const api = createApi(kit.ports, apiSettings([server.url], { version: 'latest' }));
    await api.request(ask, signal);
    expect(server.seen('root')).toHaveLength(1);
    expect(kit.lines.join('')).toContain('ironic.version.ignored value=latest');
  });

  it.each([
    ['no JSON', { status: 200, text: '<html>' }],
    ['no version', { status: 200, json: { default_version: {} } }],
    ['not found', { status: 404 }],
  ])('assumes 1.31 while the root is %s, and asks again', async (_case, reply) => {
    const server = await conductor({ version: '1.82' });
    server.script('root', reply, { status: 200, json: { default_version: { version: '1.82' } } });
    const api = createApi(ironicKit().ports, apiSettings([server.url]));
    await api.request(ask, signal);
    await api.request(ask, signal);
    expect(server.seen('lookup').map((r) => r.headers['x-openstack-ironic-api-version'])).toEqual(['1.31', '1.62']);
  });

  it('assumes what was known before a restart while the root is silent', async () => {
    const server = await conductor();
    server.script('root', { status: 503 });
    const api = createApi(ironicKit().ports, apiSettings([server.url], { assumed: parseVersion('1.96') }));
    expect(await api.apiVersion(signal)).toEqual(parseVersion('1.96'));
  });

  it('sends nothing on a guess while the root fails', async () => {
    const server = await conductor();
    server.script('root', { status: 503 });
    const api = createApi(ironicKit().ports, apiSettings([server.url]));
    await expect(api.request(ask, signal)).rejects.toThrow('the API root answers 503');
    expect(server.seen('lookup')).toEqual([]);
    expect(await api.apiVersion(signal)).toEqual(parseVersion('1.31'));
  });

  it('finds the version out again after 406', async () => {
    const server = await conductor();
    server.script('lookup', { status: 406 }, { status: 200, json: {} });
    const api = createApi(ironicKit().ports, apiSettings([server.url]));
    expect((await api.request(ask, signal)).status).toBe(406);
    await api.request(ask, signal);
    expect(server.seen('root')).toHaveLength(2);
  });

  it('goes to the next URL when one is dead, and stays with the one that answers (check 21)', async () => {
    const dead = await deadUrl();
    const server = await conductor();
    const api = createApi(ironicKit().ports, apiSettings([`${dead}/v1/`, `${server.url}/v1`]));
    await api.request(ask, signal);
    expect(api.urls()).toEqual([server.url, dead]);
    await api.request(ask, signal);
    expect(server.seen('root')).toHaveLength(1);
    expect(server.seen('lookup')).toHaveLength(2);
  });

  it('does not wait again for a server that was silent a moment ago while another one answers', async () => {
    const [silent, first, second] = [await conductor(), await conductor(), await conductor()];
    silent.script('lookup', 'hang');
    const settings = apiSettings([silent.url, first.url, second.url], { version: '1.82', requestTimeoutMs: 300 });
    const kit = ironicKit();
    const api = createApi(kit.ports, settings);
    await api.request(ask, signal);
    first.script('lookup', 'cut');
    second.script('lookup', 'cut');
    silent.script('lookup', { status: 200, json: {} });
    // Both others have failed now; the first one is the last resort and answers.
    expect((await api.request(ask, signal)).status).toBe(200);
    expect(api.urls()[0]).toBe(silent.url);
    expect(second.seen('lookup')).toHaveLength(1);
    await kit.clock.advance(10_000);
    silent.script('lookup', 'cut');
    first.script('lookup', { status: 200, json: {} });
    expect((await api.request(ask, signal)).status).toBe(200);
    expect(api.urls()[0]).toBe(first.url);
  });

  it('counts a cut and a silent connection as dead, any status as an answer', async () => {
    const cut = await conductor();
    const silent = await conductor();
    const poor = await conductor();
    for (const route of ['root', 'lookup'] as const) {
      cut.script(route, 'cut');
      silent.script(route, 'hang');
      poor.script(route, { status: 500, text: 'broken' });
    }
    const settings = apiSettings([cut.url, silent.url, poor.url], { version: '1.82', requestTimeoutMs: 200 });
    const api = createApi(ironicKit().ports, settings);
    const answer = await api.request(ask, signal);
    expect(answer).toMatchObject({ status: 500, text: 'broken', json: undefined });
    expect(api.urls()[0]).toBe(poor.url);
  });

  it('names every URL and its reason when none answers', async () => {
    const dead = await deadUrl();
    const silent = await conductor();
    silent.script('lookup', 'hang');
    const settings = apiSettings([dead, silent.url, 'http://no-such-host.invalid'], {
      version: '1.82',
      requestTimeoutMs: 200,
    });
    const request = createApi(ironicKit().ports, settings).request(ask, signal);
    await expect(request).rejects.toThrow(
      /connection refused.*; GET .*no answer within 0\.2 s.*; GET http:\/\/no-such-host\.invalid.*name cannot be resolved/,
    );
  });

  it('stops at once when aborted', async () => {
    const silent = await conductor();
    silent.script('root', 'hang');
    const stop = new AbortController();
    const request = createApi(ironicKit().ports, apiSettings([silent.url])).request(ask, stop.signal);
    await silent.nth('root', 1);
    stop.abort(new Error('shutting down'));
    await expect(request).rejects.toThrow('shutting down');
  });
});
