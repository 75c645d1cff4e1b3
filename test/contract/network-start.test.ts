import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** What the scenario prints, run in namespaces of its own. */
async function play(scenario: string) {
  const path = join(import.meta.dirname, '..', 'kit', 'network', scenario);
  const args = ['--net', '--mount', process.execPath, path];
  return JSON.parse((await promisify(execFile)('unshare', args, { timeout: 115_000 })).stdout);
}

it('a machine whose network interface comes late is looked up by it', { timeout: 120_000 }, async () => {
  const { early, addresses, mac, log } = await play('late-nic.ts');
  expect(early).toBe(0);
  expect(addresses).toBe(mac);
  expect(log).not.toContain('settle.nic.absent');
});

it('a DNS server that is silent is named as the reason, and forgotten when it answers', {
  timeout: 120_000,
}, async () => {
  const { silent, after, log } = await play('silent-dns.ts');
  expect(silent.seen).toBe(0);
  expect(silent.asked).toBeGreaterThan(0);
  expect(silent.diagnosis).toMatchObject({
    finding: 'name',
    verdict: expect.stringMatching(
      /conductor\.test cannot be resolved.*127\.0\.0\.53: no answer.*DNS servers which DHCP gives/,
    ),
  });
  expect(log).toMatch(/lookup\.retry.*conductor\.test.*name cannot be resolved.*check DNS/);
  expect(after).toMatchObject({ state: 'serving', diagnosis: null });
});
