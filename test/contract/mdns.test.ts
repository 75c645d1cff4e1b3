import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const SCENARIO = join(import.meta.dirname, '..', 'kit', 'mdns', 'scenario.ts');

it('a conductor that only multicast DNS announces is found, obeyed within limits, and heartbeated', async () => {
  const { stdout } = await promisify(execFile)('unshare', ['--net', process.execPath, SCENARIO], { timeout: 55_000 });
  const { beat, inspected, asked, log } = JSON.parse(stdout);
  expect(asked).toBe(2);
  expect(beat).toMatchObject({ callback_url: expect.stringMatching(/^http:\/\/198\.51\.100\.1:\d+$/) });
  expect(log).toMatch(/mdns\.found.*198\.51\.100\.1.*inspection_callback_url/);
  expect(log).toMatch(/mdns\.override\.refused.*lookup_interval/);
  expect(inspected).toBe(1);
});
