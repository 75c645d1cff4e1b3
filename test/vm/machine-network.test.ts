import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inPrivateNetwork } from '../../lab/host/index.ts';

const SCENARIO = join(import.meta.dirname, '..', 'kit', 'lab', 'network-scenario.ts');
const run = promisify(execFile);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vm-network-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function scenario(firmware: 'bios' | 'uefi') {
  const inside = await inPrivateNetwork([process.execPath, SCENARIO, directory, firmware]);
  const { stdout } = await run(inside.command, [...inside.args], { env: { ...process.env, ...inside.env } });
  return JSON.parse(stdout);
}

const booted = (firmware: string) => [
  `probe-firmware: ${firmware}`,
  'probe-mac: 52:54:00:00:00:01',
  'probe-word: hello',
];

describe('a virtual server on the private network', () => {
  it('boots in BIOS mode from the network', async () => {
    const result = await scenario('bios');
    expect(result.probeSaid).toEqual([...booted('bios'), 'probe-done']);
    expect(result.leases).toEqual([
      { mac: '52:54:00:00:00:01', address: expect.stringMatching(/^172\.22\.0\.1\d\d$/), hostname: null },
    ]);
    expect(result.served['/boot.ipxe']).toBeGreaterThan(0);
    expect(result.served['/probe.kernel']).toBeGreaterThan(1_000_000);
  });

  it('boots in UEFI mode from the network, then by the entry that the ramdisk wrote', async () => {
    const result = await scenario('uefi');
    expect(result.probeSaid).toEqual([...booted('uefi'), 'probe-entry: written', 'probe-order: written', 'probe-done']);
    expect(result.loader).toMatch(/\/EFI\/debian$/);
  });
});
