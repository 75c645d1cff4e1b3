import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { labRun } from '../kit/lab-run.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function run(...args: string[]) {
  const made = await labRun(args);
  cleanups.push(made.forget);
  expect(made.report.failure, made.progress).toBeNull();
  expect(made.exitCode).toBe(0);
  return made.report;
}

describe('from power-on to a booted system under the embedded conductor', () => {
  it('UEFI: inspects, cleans, writes a zstd qcow2 to the default disk, locks the agent and boots it', async () => {
    const disks = ['--disk', 'nvme:5120:NVME-1', '--disk', 'virtio:8192:VIRTIO-1'];
    const report = await run('--firmware', 'uefi', ...disks, '--disable-power-off');
    expect(report.states).toEqual(['manageable', 'available', 'active']);
    expect(report.inventory).toMatchObject({
      bootMode: 'uefi',
      disks: expect.arrayContaining([
        expect.objectContaining({ name: '/dev/nvme0n1', serial: 'NVME-1' }),
        expect.objectContaining({ name: '/dev/vda', serial: 'VIRTIO-1' }),
      ]),
    });
    expect(report.inventory?.nics).toHaveLength(2);
    expect(report.image).toMatchObject({ device: '/dev/nvme0n1', format: 'qcow2', verified: true });
    expect(report.image?.why).toBeTruthy();
    expect(report.os).toMatchObject({ firmware: 'uefi', diskSerial: 'NVME-1', hostname: 'lab-node-1' });
    expect(report.locked).toContain('all network links are down');
    expect(await readFile(report.logs.serial ?? '', 'utf8')).not.toContain('sync.drop-caches.failed');
    expect(report.stages.map((stage) => stage.title)).toContain('Clean: erase_devices_metadata');
  });

  it('BIOS: obeys a root device hint that names a disk with two paths, speaks to an old conductor and writes a deflate qcow2', async () => {
    const disks = ['--disk', 'sata:5120:SATA-1', '--disk', 'multipath:6144:SAN-1'];
    const more = [
      '--no-fast-track',
      '--hints',
      '{"wwn":"0x5000c500aabbcc01"}',
      '--api-version',
      '1.82',
      '--image-format',
      'qcow2-deflate',
    ];
    const report = await run('--firmware', 'bios', ...disks, ...more);
    expect(report.inventory?.bootMode).toBe('bios');
    expect(report.image).toMatchObject({ format: 'qcow2', verified: true, device: '/dev/dm-0' });
    expect(report.os).toMatchObject({ firmware: 'bios', diskSerial: 'SAN-1', hostname: 'lab-node-1' });
  });
});

describe('a run that fails', () => {
  it('says which stage, why, and where to look', async () => {
    const made = await labRun(['--hints', '{"serial":"NO-SUCH-DISK"}']);
    cleanups.push(made.forget);
    expect(made.exitCode).toBe(1);
    expect(made.report.failure?.reason).toMatch(/write_image.*NO-SUCH-DISK/s);
    expect(made.report.failure?.agentLog.length).toBeGreaterThan(0);
    expect(made.report.os).toBeNull();
    expect(made.report.logs).toHaveProperty('serial');
  });
});
