import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, startTestApi, TEST_TOKEN, type TestApi } from '../kit/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ commands: [], extensions: ['test'], ports: {} });
});
afterAll(() => api.server.close());

const TOKEN = `agent_token=${TEST_TOKEN}`;

describe('documents without a token', () => {
  it('root names the default version with links of the request (check 1)', async () => {
    const { status, body, headers } = await ask(`${api.base}/`);
    expect(status).toBe(200);
    expect(body.default_version.id).toBe('v1');
    expect(body.versions).toEqual([body.default_version]);
    expect(body.default_version.links[0]).toEqual({ href: `${api.base}/v1`, rel: 'self' });
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('server')).toBe('ironic-python-agent');
    expect(Number(headers.get('content-length'))).toBeGreaterThan(0);
  });

  it('the version document has every part (check 2)', async () => {
    const { body } = await ask(`${api.base}/v1/`);
    expect(Object.keys(body).sort()).toEqual(['commands', 'id', 'links', 'media_types', 'status']);
    expect(body.commands).toEqual([
      { href: `${api.base}/v1/commands`, rel: 'self' },
      { href: `${api.base}/commands`, rel: 'bookmark' },
    ]);
    expect(body.media_types[0].base).toBe('application/json');
  });

  it('status has start time and version, and says what the agent does (checks 3, 5)', async () => {
    const [long, short] = await Promise.all([ask(`${api.base}/v1/status`), ask(`${api.base}/status`)]);
    expect(long.body).toEqual(short.body);
    expect(long.body.version).toBe('12.1.0');
    expect(long.body.started_at).toBeGreaterThan(1_700_000_000);
    expect(long.body.started_at).toBeLessThan(10_000_000_000);
    expect(long.body.state).toBe('starting');
  });

  it('HEAD works where GET does', async () => {
    const { status, text, headers } = await ask(`${api.base}/v1/status`, { method: 'HEAD' });
    expect([status, text]).toEqual([200, '']);
    expect(Number(headers.get('content-length'))).toBeGreaterThan(0);
  });
});

describe('paths', () => {
  it.each(['/v1', '/v1/commands', '/commands'])(
    '%s moves to the slash, any method, before the token (check 4)',
    async (path) => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const body = method === 'POST' ? { body: 'not json' } : {};
        const answer = await ask(`${api.base}${path}?wait=true&x=%26`, { method, ...body });
        expect(answer.status).toBe(308);
        expect(answer.headers.get('location')).toBe(`${api.base}${path}/?wait=true&x=%26`);
        expect(answer.headers.get('content-type')).toContain('text/html');
      }
    },
  );

  it('a client that follows the redirect reaches the commands', async () => {
    const { status, body } = await ask(`${api.base}/v1/commands?${TOKEN}`, { redirect: 'follow' });
    expect([status, body]).toEqual([200, { commands: [] }]);
  });

  it('escapes what it repeats in the redirect page', async () => {
    const { text } = await ask(`${api.base}/v1?a='"<b>`);
    expect(text).not.toContain('<b>');
  });

  it.each(['/v1/status/', '/status/', '/v2/', '/v1/commands/x/y', '//', '/v1/statu%73'])(
    '%s is unknown (check 5)',
    async (path) => {
      const { status, body } = await ask(`${api.base}${path}`);
      expect(status).toBe(404);
      expect(body.faultcode).toBe('Client');
      expect(body.faultstring).toContain('404 Not Found');
    },
  );

  it('a malformed path is a fault', async () => {
    const { status, body } = await ask(`${api.base}/v1/commands/%zz?${TOKEN}`);
    expect(status).toBeLessThan(500);
    expect(typeof body.faultstring).toBe('string');
  });

  it('a wrong method is told which ones are right', async () => {
    const put = await ask(`${api.base}/v1/commands/?${TOKEN}`, { method: 'PUT', body: '{}' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, POST']);
    const remove = await ask(`${api.base}/v1/status`, { method: 'DELETE' });
    expect([remove.status, remove.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect(remove.body.faultstring).toContain('405 Method Not Allowed');
    const options = await ask(`${api.base}/commands/`, { method: 'OPTIONS' });
    expect([options.status, options.text, options.headers.get('allow')]).toEqual([200, '', 'GET, HEAD, OPTIONS, POST']);
  });

  it('an unknown command id is named', async () => {
    const { status, body } = await api.get('/v1/commands/no-such-id');
    expect(status).toBe(404);
    expect(body.faultstring).toBe('Not found: Command Result with id no-such-id not found.');
  });
});

describe('token (checks 6, 7)', () => {
  it.each([
    ['', 401],
    ['?agent_token=', 401],
    ['?agent_token=wrong', 401],
    [`?${TOKEN}x`, 401],
    [`?${TOKEN}`, 200],
  ])('GET with %s', async (query, status) => {
    const answer = await ask(`${api.base}/v1/commands/${query}`);
    expect(answer.status).toBe(status);
    if (status === 401)
      expect(answer.body).toEqual({ faultcode: 'Client', faultstring: '401 Unauthorized: Token invalid.' });
  });

  it('is checked before the body is read', async () => {
    const answer = await ask(`${api.base}/v1/commands/`, { method: 'POST', body: 'not json' });
    expect(answer.status).toBe(401);
  });

  it('never reaches the log', async () => {
    await ask(`${api.base}/v1/commands/?${TOKEN}`);
    await ask(`${api.base}/v1/commands/%3F${TOKEN}`);
    expect(api.logLines.length).toBeGreaterThan(0);
    expect(api.logLines.join('')).not.toContain(TEST_TOKEN);
    expect(api.logLines.join('')).not.toContain('agent_token=t');
  });
});

it('only what needs the token counts as a word of the conductor: monitoring reads the open documents', async () => {
  let asked = 0;
  const gate = {
    allows: () => {
      asked += 1;
      return true;
    },
  };
  const other = await startTestApi({ commands: [], extensions: ['test'], ports: {}, gate });
  try {
    for (const path of ['/', '/v1/', '/v1/status', '/v1/openapi.json'])
      expect((await ask(`${other.base}${path}`)).status).toBe(200);
    expect(asked).toBe(0);
    expect((await ask(`${other.base}/v1/commands/`)).status).toBe(200);
    expect(asked).toBe(1);
  } finally {
    await other.server.close();
  }
});
