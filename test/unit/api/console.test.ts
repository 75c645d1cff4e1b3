import { describe, expect, it } from 'vitest';
import { attachConsole, progressText, renderScreen } from '../../../src/api/console/index.ts';
import { GiB, MiB } from '../../../src/core/index.ts';
import { createHub } from '../../../src/runtime/index.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

describe('status screen', () => {
  it('says every fact in a short line', () => {
    const clock = createFakeClock();
    const hub = createHub({ version: '12.1.0', clock });
    expect(renderScreen(hub.snapshot())).toEqual([
      'ironic-node-agent 12.1.0, started 2026-01-01 00:00:00 UTC',
      'state     starting since 00:00:00',
    ]);
    hub.enter('serving', 'commands of the conductor');
    hub.learn({ nodeUuid: 'f0c1', addresses: ['192.0.2.7', 'fe80::1'] });
    hub.commandStarted('1', 'deploy.execute_deploy_step');
    hub.progress('1', { phase: 'write', done: GiB, total: 4 * GiB, unit: 'bytes', rate: 100 * MiB, on: '/dev/sda' });
    hub.failed('look up: refused\u001b[2J');
    expect(renderScreen(hub.snapshot())).toEqual([
      'ironic-node-agent 12.1.0, started 2026-01-01 00:00:00 UTC',
      'node      f0c1',
      'address   192.0.2.7 fe80::1',
      'state     serving since 00:00:00, waits for commands of the conductor',
      'command   deploy.execute_deploy_step since 00:00:00',
      'progress  write [#####...............] 25% 1.0 GiB of 4.0 GiB, 100.0 MiB/s, 30.7s left on /dev/sda',
      'error     look up: refused [2J',
    ]);
  });

  it('breaks a verdict into lines, so that its end is seen', () => {
    const hub = createHub({ version: '12.1.0', clock: createFakeClock() });
    const verdict = `cannot reach https://api:6385: ${'word '.repeat(40)}: set ntp_server or the BIOS clock`;
    hub.learn({ diagnosis: { verdict, finding: 'clock', since: 0 } });
    const lines = renderScreen(hub.snapshot()).slice(2);
    expect(lines.length).toBe(3);
    expect(lines[0]).toMatch(/^problem {3}cannot reach/);
    expect(lines.slice(1).every((line) => line.startsWith(' '.repeat(10)))).toBe(true);
    expect(lines.every((line) => line.length <= 120)).toBe(true);
    expect(lines.map((line) => line.slice(10)).join(' ')).toBe(verdict);
  });

  it.each([
    [{ phase: 'erase', done: 3, total: 4, unit: 'items' as const }, 'erase [###############.....] 75% 3 of 4'],
    [{ phase: 'hash', done: 10, total: null, unit: 'bytes' as const }, 'hash 10 B'],
    [{ phase: 'x', done: 9, total: 4, unit: 'items' as const }, 'x [####################] 100% 9 of 4'],
    [{ phase: 'x', done: 0, total: 0, unit: 'items' as const }, 'x [####################] 100% 0 of 0'],
  ])('%j', (progress, text) => {
    expect(progressText(progress)).toBe(text);
  });

  it('prints only what has changed, and progress alone not too often', async () => {
    const clock = createFakeClock();
    const hub = createHub({ version: '1', clock });
    const out: string[] = [];
    const detach = attachConsole(hub, { clock, write: (text) => void out.push(text) });
    hub.commandStarted('1', 'standby.sync');
    const tell = (done: number) => hub.progress('1', { phase: 'sync', done, total: 10, unit: 'items' });
    tell(1);
    tell(2);
    await clock.advance(5_000);
    tell(5);
    hub.commandEnded('1', 'standby.sync: failed');
    detach();
    hub.enter('stopping', null);
    expect(out).toEqual([
      'ironic-node-agent 1, started 2026-01-01 00:00:00 UTC\nstate     starting since 00:00:00\n',
      'command   standby.sync since 00:00:00\n',
      'progress  sync [##########..........] 50% 5 of 10\n',
      'error     standby.sync: failed\n',
    ]);
  });
});
