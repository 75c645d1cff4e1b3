import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates, serving } from '../kit/certificates.ts';
import { certificateOf } from '../kit/conductor-call.ts';
import { type Lives, livesOf } from '../kit/restart-kit.ts';
import { TOKEN } from '../kit/scripted-conductor.ts';

const own = makeCertificates();
const foreign = makeCertificates();
afterAll(() => {
  for (const made of [own, foreign]) made.close();
});

/** Status of the command list, or the error code of the connection. */
function call(lives: Lives, ca: string, shown: Certificates['client'] | null): Promise<number | string> {
  return new Promise((resolve) => {
    const pair = shown === null ? {} : { cert: shown.cert, key: shown.key };
    const path = `/v1/commands/?agent_token=${TOKEN}`;
    const to = { host: '127.0.0.1', port: lives.place.port, agent: false, path, ca, ...pair };
    const outgoing = request(to, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    outgoing.on('error', (error) => resolve(String(Object(error).code)));
    outgoing.end();
  });
}

describe('client certificates for the agent API (protocol.md 6, tls_client_ca_file)', () => {
  it.each([
    ['the generated certificate', []],
    ['the own certificate', serving(own)],
  ] as const)('with %s only clients of the named authority are let in', async (_case, flags) => {
    const lives = await livesOf(['--tls_client_ca_file', own.caFile, ...flags]);
    const agent = await lives.start();
    const beat = await lives.conductor.nth('heartbeat', 1);
    const ca = flags.length === 0 ? certificateOf(beat) : own.ca;
    expect(await call(lives, ca, own.client)).toBe(200);
    for (const shown of [null, foreign.client]) {
      const refused = await call(lives, ca, shown);
      expect(refused).toEqual(expect.stringMatching(/^(ERR_SSL|ECONNRESET|EPROTO|EPIPE)/));
    }
    await agent.sees(/ WARN api\.tls\.refused from=127\.0\.0\.1 reason=.*tls_client_ca_file/);
    expect(await call(lives, ca, own.client)).toBe(200);
  });

  it('is off unless asked for', async () => {
    const lives = await livesOf();
    await lives.start();
    const ca = certificateOf(await lives.conductor.nth('heartbeat', 1));
    for (const shown of [null, foreign.client]) expect(await call(lives, ca, shown)).toBe(200);
  });

  it.each([
    ['an absent file', null, /tls_client_ca_file .*authority\.pem cannot be used: ENOENT.*correct tls_client_ca_file/],
    ['a file without a certificate', 'nonsense', /authority\.pem cannot be used: it holds no certificate/],
    [
      'a broken certificate',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      /authority\.pem cannot be used: /,
    ],
  ])('does not open without it: %s', async (_case, text, words) => {
    const lives = await livesOf();
    const path = join(lives.place.home, 'authority.pem');
    if (text !== null) writeFileSync(path, text);
    const agent = await lives.start(['--tls_client_ca_file', path]);
    await agent.sees(words);
    expect(agent.output()).not.toContain('api.listening');
  });

  it('does not open without TLS, where it would protect nothing', async () => {
    const lives = await livesOf(['--noenable_auto_tls', '--tls_client_ca_file', own.caFile]);
    const agent = await lives.start();
    await agent.sees(/boot\.phase\.failed.*tls_client_ca_file is set, but the agent API does not speak TLS/);
    expect(agent.output()).not.toContain('api.listening');
  });
});
