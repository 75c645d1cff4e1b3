import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/config/index.ts';
import { type Fields, type Log, silentLog } from '../../../../src/core/index.ts';
import { createTimers, metricName, timerOf } from '../../../../src/runtime/metrics/index.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { memoryFiles } from '../../../kit/memory-files.ts';

const configOf = (ini: string) =>
  resolveConfig({
    files: [{ path: 'agent.conf', text: ini }],
    env: {},
    flags: [],
    kernel: '',
    facts: { ipv6Enabled: true },
  }).config;

describe('timers of the reference (protocol.md 11.1)', () => {
  it.each([
    ['GET', '/v1/status', 200, 'get_status'],
    ['HEAD', '/status', 200, 'get_status'],
    ['GET', '/v1/commands/', 200, 'list_commands'],
    ['GET', '/commands/', 200, 'list_commands'],
    ['GET', '/v1/commands/:id', 200, 'get_command'],
    ['POST', '/v1/commands/', 200, 'run_command'],
    ['POST', '/commands/', 409, null],
    ['GET', '/v1/commands/', 401, null],
    ['GET', '/', 200, null],
    ['OPTIONS', '/v1/commands/', 200, null],
    ['GET', null, 404, null],
  ])('%s %s answered %i: %s', (method, route, status, timer) => {
    expect(timerOf({ method, route, status })).toBe(timer);
  });

  const APP = 'ironic_python_agent.api.app.get_status';
  it.each([
    ['', 'node-1.rack.example', APP],
    ['global_prefix = dc1.ipa', 'node-1', `dc1.ipa.${APP}`],
    ['prepend_host = true', 'node-1.rack.example', `example.rack.node-1.${APP}`],
    ['prepend_host = true\nprepend_host_reverse = false', 'node-1.rack', `node-1.rack.${APP}`],
    ['prepend_host = true\nglobal_prefix = x', null, `x.${APP}`],
  ])('"%s" on host %s: %s', (ini, host, name) => {
    expect(metricName('get_status', configOf(`[metrics]\n${ini}`), host)).toBe(name);
  });
});

const STATUS = { method: 'GET', route: '/v1/status', status: 200 };

describe('where samples go', () => {
  const files = memoryFiles({ '/proc/sys/kernel/hostname': 'node-1\n' });
  const clock = createFakeClock();
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('nowhere by default', async () => {
    const sent: string[] = [];
    const datagrams = { send: async (_host: string, _port: number, text: string) => void sent.push(text) };
    const timers = createTimers({ config: () => configOf(''), files, datagrams, clock, log: silentLog });
    timers.answered({ ...STATUS, ms: 1 });
    await settled();
    expect([sent, timers.collected()]).toEqual([[], {}]);
  });

  it('to statsd, one datagram each, by the configuration of that moment', async () => {
    const sent: unknown[] = [];
    let config = configOf('');
    const datagrams = { send: async (...what: readonly unknown[]) => void sent.push(what) };
    const timers = createTimers({ config: () => config, files, datagrams, clock, log: silentLog });
    timers.answered({ ...STATUS, ms: 1 });
    config = configOf(
      '[metrics]\nbackend = statsd\nprepend_host = 1\n[metrics_statsd]\nstatsd_host = s\nstatsd_port = 9',
    );
    timers.answered({ ...STATUS, ms: 1.23456 });
    await settled();
    expect(sent).toEqual([['s', 9, 'node-1.ironic_python_agent.api.app.get_status:1.235|ms']]);
  });

  it('to memory', async () => {
    const config = configOf('[metrics]\nbackend = collector');
    const datagrams = { send: () => Promise.reject(new Error('not asked')) };
    const timers = createTimers({ config: () => config, files, datagrams, clock, log: silentLog });
    for (const ms of [1, 2.5]) timers.answered({ ...STATUS, ms });
    await settled();
    expect(timers.collected()).toEqual({
      'ironic_python_agent.api.app.get_status': { count: 2, sum: 3.5, type: 'timer' },
    });
  });

  it('to a server that cannot be reached: a warning now and then, and no pile of samples', async () => {
    const warnings: Fields[] = [];
    const log: Log = { ...silentLog, warn: (_event, fields = {}) => void warnings.push(fields) };
    const config = configOf('[metrics]\nbackend = statsd');
    let asked = 0;
    const waiting: (() => void)[] = [];
    const datagrams = {
      send: () => {
        asked += 1;
        return new Promise<void>((_resolve, reject) => waiting.push(() => reject(new Error('EAI_AGAIN'))));
      },
    };
    const timers = createTimers({ config: () => config, files, datagrams, clock, log });
    const flood = async () => {
      for (let n = 0; n < 100; n += 1) timers.answered({ ...STATUS, ms: n });
      await settled();
      for (const fail of waiting.splice(0)) fail();
      await settled();
    };
    await flood();
    expect(asked).toBe(16);
    expect(warnings).toEqual([{ host: 'localhost', port: 8125, reason: 'EAI_AGAIN' }]);
    await clock.advance(300_000);
    await flood();
    expect(warnings[1]).toMatchObject({ heldBack: 15 });
  });
});
