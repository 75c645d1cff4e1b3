import { afterEach, describe, expect, it } from 'vitest';
import { type CallbackHostSettings, createApi, findCallbackHost, NoCallbackAddress } from '../../src/ironic/index.ts';
import type { JsonResponse } from '../../src/system/index.ts';
import { ServerUnreachable } from '../../src/system/index.ts';
import { apiSettings, ironicKit } from '../kit/ironic-ports.ts';
import { deadUrl, type ScriptedConductor, startConductor } from '../kit/scripted-conductor.ts';

const open: ScriptedConductor[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const { signal } = new AbortController();
const settings = (more: Partial<CallbackHostSettings> = {}): CallbackHostSettings => ({
  advertiseHost: null,
  networkInterface: null,
  attempts: 3,
  sleepMs: 10_000,
  ...more,
});

describe('callback address', () => {
  it('is what the operator says, without any test', async () => {
    const { ports } = ironicKit();
    const api = createApi(ports, apiSettings([]));
    expect(await findCallbackHost(ports, settings({ advertiseHost: '198.51.100.7' }), api, signal)).toBe(
      '198.51.100.7',
    );
  });

  it('is the end of the socket that reached the API, whatever it answers', async () => {
    const server = await startConductor();
    open.push(server);
    server.script('root', { status: 500 });
    const { ports } = ironicKit();
    const api = createApi(ports, apiSettings([await deadUrl(), server.url]));
    expect(await findCallbackHost(ports, settings(), api, signal)).toBe('127.0.0.1');
  });

  it('is an IPv6 address when the API is reached by one', async () => {
    const server = await startConductor({ host: '::1' });
    open.push(server);
    const { ports } = ironicKit();
    const api = createApi(ports, apiSettings([`http://[::1]:${server.port}`]));
    expect(await findCallbackHost(ports, settings(), api, signal)).toBe('::1');
  });

  it('is the one of before a restart while this machine has it, without a search', async () => {
    const { ports } = ironicKit();
    const api = createApi(ports, apiSettings([]));
    expect(await findCallbackHost(ports, settings({ kept: '127.0.0.1', attempts: 1 }), api, signal)).toBe('127.0.0.1');
  });

  it('is searched anew when that is gone, and the log says what it means', async () => {
    const server = await startConductor();
    open.push(server);
    const { ports, lines } = ironicKit();
    const api = createApi(ports, apiSettings([server.url]));
    expect(await findCallbackHost(ports, settings({ kept: '203.0.113.9' }), api, signal)).toBe('127.0.0.1');
    expect(lines.join('')).toMatch(
      /callback\.address\.changed from=203\.0\.113\.9 to=127\.0\.0\.1.*refuses heartbeats/,
    );
  });

  it('is that of the named interface, and searched again while it has none', async () => {
    const { ports, clock } = ironicKit({ auto: true });
    const api = createApi(ports, apiSettings([]));
    expect(await findCallbackHost(ports, settings({ networkInterface: 'lo' }), api, signal)).toBe('127.0.0.1');
    const missing = findCallbackHost(ports, settings({ networkInterface: 'nope0' }), api, signal);
    await expect(missing).rejects.toThrow('interface nope0 is absent or has no address');
    expect(clock.sleeps).toEqual([10_000, 10_000]);
  });

  it('is not found while no URL answers, and the error says so', async () => {
    const url = await deadUrl();
    const { ports, clock } = ironicKit({ auto: true });
    const running = findCallbackHost(ports, settings(), createApi(ports, apiSettings([url])), signal);
    await expect(running).rejects.toThrow(`no API URL answers (${url})`);
    await expect(running).rejects.toSatisfy(NoCallbackAddress.is);
    expect(clock.sleeps).toEqual([10_000, 10_000]);
  });

  it('is found in a later round, when the network is up', async () => {
    const url = await deadUrl();
    const { ports, clock } = ironicKit();
    const running = findCallbackHost(ports, settings(), createApi(ports, apiSettings([url])), signal);
    await clock.asleep();
    open.push(await startConductor({ port: Number(new URL(url).port) }));
    await clock.advance(10_000);
    expect(await running).toBe('127.0.0.1');
  });

  it.each([
    ['the routing table knows better than a link-local end', '169.254.1.1', '127.0.0.1', '127.0.0.1'],
    ['the routing table fills in for an unknown end', null, '127.0.0.1', '127.0.0.1'],
  ])('%s', async (_case, localAddress, remoteAddress, host) => {
    const kit = ironicKit({ auto: true });
    const answer: JsonResponse = { status: 200, text: '', json: undefined, localAddress, remoteAddress, date: null };
    const ports = { ...kit.ports, http: { send: () => Promise.resolve(answer) } };
    expect(await findCallbackHost(ports, settings(), createApi(ports, apiSettings(['http://a'])), signal)).toBe(host);
  });

  it('is never link-local', async () => {
    const kit = ironicKit({ auto: true });
    const answer: JsonResponse = {
      status: 200,
      text: '',
      json: undefined,
      localAddress: 'fe80::1%eth0',
      remoteAddress: null,
      date: null,
    };
    const ports = { ...kit.ports, http: { send: () => Promise.resolve(answer) } };
    const running = findCallbackHost(ports, settings(), createApi(ports, apiSettings(['http://a'])), signal);
    await expect(running).rejects.toThrow('every local address towards the API is link-local');
  });

  it('keeps the order of preference of the URLs', async () => {
    const kit = ironicKit();
    const send = ({ url }: { readonly url: string }): Promise<JsonResponse> =>
      url === 'http://dead'
        ? Promise.reject(ServerUnreachable('dead'))
        : Promise.resolve({
            status: 200,
            text: '',
            json: undefined,
            localAddress: `10.0.0.${url.length}`,
            remoteAddress: null,
            date: null,
          });
    const ports = { ...kit.ports, http: { send } };
    const api = createApi(ports, apiSettings(['http://dead', 'http://bb', 'http://a']));
    expect(await findCallbackHost(ports, settings(), api, signal)).toBe('10.0.0.9');
    expect(api.urls()).toEqual(['http://dead', 'http://bb', 'http://a']);
  });
});
