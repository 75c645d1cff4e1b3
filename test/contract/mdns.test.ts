import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** What the scenario prints, run in a network namespace of its own. */
async function play(scenario: string) {
  const path = join(import.meta.dirname, '..', 'kit', 'mdns', scenario);
  const { stdout } = await promisify(execFile)('unshare', ['--net', process.execPath, path], { timeout: 55_000 });
  return JSON.parse(stdout);
}

it('a conductor that only multicast DNS announces is found, obeyed within limits, and heartbeated', async () => {
  const { beat, inspected, asked, log } = await play('scenario.ts');
  expect(asked).toEqual({ baremetal: 2 });
  expect(beat).toMatchObject({ callback_url: expect.stringMatching(/^http:\/\/198\.51\.100\.1:\d+$/) });
  expect(log).toMatch(/mdns\.found.*198\.51\.100\.1.*inspection_callback_url/);
  expect(log).toMatch(/mdns\.override\.refused.*lookup_interval/);
  expect(inspected).toBe(1);
});

it('the inspection-only program looks for the inspection service, not for Ironic', async () => {
  const { code, paths, asked, log } = await play('inspection-scenario.ts');
  expect(code, log).toBe(0);
  expect(paths).toEqual({ ironic: [], inspector: ['/v1/continue'] });
  expect(Object.keys(asked)).toEqual(['baremetal-introspection']);
});
