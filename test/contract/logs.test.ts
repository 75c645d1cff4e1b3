import { afterEach, describe, expect, it } from 'vitest';
import { createSecrets } from '../../src/core/index.ts';
import { OPERATOR } from '../../src/runtime/index.ts';
import { ask, createLatch, small, startTestApi, TEST_TOKEN, type TestApi } from '../kit/api.ts';
import { lookupDocument, TOKEN } from '../kit/scripted-conductor.ts';
import { startSubject, withToken } from '../kit/subject.ts';

const closing: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

const secrets = createSecrets();
const say = small('say', { kind: 'sync' }, async (params, { log }) => {
  for (const line of Array.isArray(params.lines) ? params.lines : []) log.info('said', { line });
});
async function start(): Promise<TestApi> {
  const api = await startTestApi({
    commands: [say],
    extensions: ['test'],
    ports: { latch: createLatch(), ran: [] },
    secrets,
  });
  closing.push(api.server);
  return api;
}
const logs = (api: TestApi, query = '', init: RequestInit = {}) =>
  ask(`${api.base}/v1/logs?agent_token=${TEST_TOKEN}&${query}`, init);
const said = (text: string) => [...text.matchAll(/"event":"said","line":"([^"]*)"/g)].map(([, line]) => line);

describe('the log over the API (protocol.md 7.6)', () => {
  it('is for those who have the token, also where reading is open to old conductors', async () => {
    const methods: string[] = [];
    const gate = {
      allows: (method: string, offered: string | null) => {
        methods.push(method);
        return offered === TEST_TOKEN;
      },
    };
    const api = await startTestApi({ commands: [], extensions: [], ports: {}, gate });
    closing.push(api.server);
    expect((await ask(`${api.base}/v1/logs`)).status).toBe(401);
    expect((await ask(`${api.base}/v1/logs?agent_token=x&follow=true`)).status).toBe(401);
    expect((await logs(api)).status).toBe(200);
    // Not a word of the conductor, and no sign that it gives the token on reading.
    expect(new Set(methods)).toEqual(new Set([OPERATOR]));
  });

  it('gives the newest lines as text, as many as asked for', async () => {
    const api = await start();
    await api.post('test.say', { lines: Array.from({ length: 300 }, (_none, at) => `line ${at}`) });
    const { headers, text } = await logs(api);
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text.trimEnd().split('\n')).toHaveLength(200);
    expect(said(text)).toContain('line 299');
    expect((await logs(api, 'lines=2')).text.trimEnd().split('\n')).toHaveLength(2);
    expect(said((await logs(api, 'lines=10000')).text)).toHaveLength(300);
    expect((await logs(api, 'lines=0')).text).toBe('');
  });

  it.each(['', 'x', '-1', '10001', '1e3', '1.5'])('refuses lines=%s', async (lines) => {
    const { status, body } = await logs(await start(), `lines=${lines}`);
    expect([status, body.faultstring]).toEqual([400, expect.stringContaining('from 0 to 10000')]);
  });

  it('forgets the oldest beyond its memory', async () => {
    const api = await start();
    for (let round = 0; round < 10; round += 1)
      await api.post('test.say', {
        lines: Array.from({ length: 10 }, (_none, at) => `${round}.${at} ${'x'.repeat(9_000)}`),
      });
    const { text } = await logs(api, 'lines=10000');
    expect(text.length).toBeLessThan(520 * 1024);
    expect(said(text).at(-1)).toMatch(/^9\.9 /);
    expect(text).not.toContain('"line":"0.0 ');
  });

  it('holds no secret, also none that was learned after its line', async () => {
    const api = await start();
    await api.post('test.say', { lines: [`token=${TEST_TOKEN}`, 'http://user:pa55word@host/', 'hunter22hunter22'] });
    secrets.add('hunter22hunter22');
    const { text } = await logs(api);
    for (const secret of [TEST_TOKEN, 'pa55word', 'hunter22hunter22']) expect(text).not.toContain(secret);
    expect(said(text).at(-1)).toBe('******');
  });
});

describe('following the log', () => {
  async function follow(api: TestApi, query = 'lines=1') {
    const left = new AbortController();
    const url = `${api.base}/v1/logs?agent_token=${TEST_TOKEN}&follow=True&${query}`;
    const answer = await fetch(url, { signal: left.signal });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (pattern: RegExp) => {
      while (!pattern.test(text)) {
        const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
        if (done) throw new Error(`ended before ${pattern}: ${text}`);
        text += value;
      }
      return text;
    };
    const end = async () => {
      while ((await reader?.read())?.done === false);
    };
    return { until, end, leave: () => left.abort() };
  }

  it('gives what was, then each new line as it comes', async () => {
    const api = await start();
    await api.post('test.say', { lines: ['before'] });
    const following = await follow(api, 'lines=10');
    await following.until(/"line":"before"/);
    await api.post('test.say', { lines: ['after', `with ${TEST_TOKEN}`] });
    expect(await following.until(/"line":"with/)).not.toContain(TEST_TOKEN);
    following.leave();
    await api.post('test.say', { lines: ['unheard'] });
  });

  it('does not hold up the end of the API', async () => {
    const api = await start();
    const following = await follow(api);
    await api.post('test.say', { lines: ['seen'] });
    await following.until(/"line":"seen"/);
    const ended = following.end();
    const began = performance.now();
    await closing.pop()?.close();
    await ended;
    // Within the 2 s after which connections are cut.
    expect(performance.now() - began).toBeLessThan(1_900);
  });

  it('is for sixteen clients at a time; the next may read, and follow when one has left', async () => {
    const api = await start();
    await api.post('test.say', { lines: ['before'] });
    const all = await Promise.all(Array.from({ length: 16 }, () => follow(api, 'lines=100')));
    for (const one of all) await one.until(/"line":"before"/);
    const { status, body } = await logs(api, 'follow=true');
    expect([status, body.faultstring]).toEqual([429, expect.stringContaining('16 clients follow the log already')]);
    expect((await logs(api)).status).toBe(200);
    all[0]?.leave();
    await expect
      .poll(async () => {
        const next = await follow(api, 'lines=100').catch(() => null);
        return next?.until(/"line":"before"/).catch(() => null);
      })
      .toContain('before');
    for (const one of all) one.leave();
  });

  it('HEAD has the headers and ends', async () => {
    const api = await start();
    const { status, text } = await logs(api, 'follow=true', { method: 'HEAD' });
    expect([status, text]).toEqual([200, '']);
  });
});

it('a real agent gives its log from the first line, over TLS and without its token', async () => {
  const subject = await startSubject('1.96');
  closing.push(subject);
  const { status, text } = await subject.ask(withToken('/v1/logs', 'lines=10000'));
  expect(status).toBe(200);
  for (const event of ['agent.start', 'lookup.found', 'api.listening']) expect(text).toContain(` ${event} `);
  expect(text).not.toContain(TOKEN);
  expect(lookupDocument().config.agent_token).toBe(TOKEN);
  expect((await subject.ask('/v1/logs')).status).toBe(401);
});
