import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

const SCENARIO = join(import.meta.dirname, '..', 'kit', 'lockdown', 'scenario.ts');

/** In a network of its own: the links of this machine are not touched. */
async function play(which: 'lockdown' | 'fatal-token' | 'rescue') {
  const home = mkdtempSync(join(tmpdir(), 'lockdown-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const spaces = ['--net', '--mount', '--propagation', 'private'];
  const options = { timeout: 110_000, env: { ...process.env, HOME: home } };
  const { stdout } = await promisify(execFile)('unshare', [...spaces, process.execPath, SCENARIO, which], options);
  return JSON.parse(stdout);
}

const HOLDS = { up: [], alive: true, newBeats: 0 };

describe('check 24: the ends of an agent, over a restart too', { timeout: 120_000 }, () => {
  it('lockdown: answers, refuses within 2 s, takes every link down and keeps it down, stays, comes up locked', async () => {
    const seen = await play('lockdown');
    expect(seen.answer).toMatchObject({ command_name: 'lockdown', command_status: 'SUCCEEDED', command_result: null });
    expect(seen.refusedAfterMs).toBeLessThan(2_000);
    expect(seen.ended).toMatchObject({ ...HOLDS, screen: expect.stringContaining('locked') });
    expect(seen.ended.downAgain).toBeLessThan(15_000);
    expect(seen.log).toMatch(/agent\.idle.*locked/);
    expect(seen.restarted).toMatchObject({ ...HOLDS, refused: true, screen: expect.stringContaining('locked') });
    expect([seen.lookups, seen.exit]).toEqual([1, 0]);
  });

  it('fatal-token: locks in the same way, and says on the screen what to do', async () => {
    const seen = await play('fatal-token');
    const screen = expect.stringContaining('fatal-token since');
    expect(seen.ended).toMatchObject({ ...HOLDS, screen });
    expect(seen.ended.screen).toContain('end the operation in Ironic and start it again');
    expect(seen.log).toMatch(/^error +the conductor gave the token of this boot to an earlier run/m);
    expect(seen.restarted).toMatchObject({ ...HOLDS, refused: true, screen });
    expect([seen.lookups, seen.exit]).toEqual([1, 0]);
  });

  it('rescue: answers, refuses within 2 s, leaves links up, ends; a new start sees the marker and stays silent', async () => {
    const seen = await play('rescue');
    expect(seen.answer).toMatchObject({ command_name: 'finalize_rescue', command_status: 'SUCCEEDED' });
    expect(seen.refusedAfterMs).toBeLessThan(2_000);
    expect(seen.rescued).toEqual({ marker: true, password: true });
    const links = ['br0', 'nic.7', 'veth1'];
    expect(seen.ended).toMatchObject({ up: links, newBeats: 0 });
    expect(seen.restarted).toMatchObject({ up: links, alive: true, newBeats: 0, refused: true });
    expect([seen.lookups, seen.exit]).toEqual([1, 0]);
  });
});
