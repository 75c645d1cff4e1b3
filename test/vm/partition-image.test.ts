import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MiB } from '../../src/core/index.ts';
import { labRun } from '../kit/lab-run.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const run = (bin: string, ...args: readonly string[]) =>
  execFileSync(bin, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

interface Row {
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly bootable?: boolean;
}

/** The disk of the server as others see it: table by sfdisk, file systems by blkid. */
function seenFromOutside(disk: string) {
  const { label, partitions }: { readonly label: string; readonly partitions: readonly Row[] } = JSON.parse(
    run('sfdisk', '--json', disk),
  ).partitiontable;
  const per = MiB / 512;
  const tag = (name: string, { start, size }: Row) =>
    run('blkid', '--probe', '-O', `${start * 512}`, '-S', `${size * 512}`, '-s', name, '-o', 'value', disk);
  const rows = partitions.map((row) => {
    const place = `${row.start / per}+${row.size / per}${row.bootable === true ? '*' : ''}`;
    return `${place} ${tag('TYPE', row)} ${tag('LABEL', row)}`;
  });
  return { label, rows, root: partitions.at(-1) };
}

/** A file of the root file system, by a program that knows ext4 and mounts nothing. */
function rootFile(disk: string, root: Row | undefined, path: string): string {
  const folder = mkdtempSync('/tmp/vm-root-');
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const copy = join(folder, 'root.img');
  const at = [`skip=${(root?.start ?? 0) / 2048}`, `count=${(root?.size ?? 0) / 2048}`];
  run('dd', `if=${disk}`, `of=${copy}`, 'bs=1M', ...at, 'conv=sparse', 'status=none');
  return run('debugfs', '-R', `cat ${path}`, copy);
}

async function deployed(...args: string[]) {
  const made = await labRun(['--partition-image', ...args]);
  cleanups.push(made.forget);
  expect(made.report.failure, made.progress).toBeNull();
  expect(made.exitCode).toBe(0);
  return { report: made.report, disk: join(made.directory, 'machine', 'disk-1.raw') };
}

/** What the flavor of the lab asks for around the image, in MiB from the first partition on. */
const around = ['ext4 ephemeral0', 'swap swap1', 'iso9660 config-2', 'ext4 lab-root'];

describe('a partition image under the embedded conductor', () => {
  it('UEFI: gets its partitions, its file systems and its config drive, and boots', async () => {
    const { report, disk } = await deployed('--firmware', 'uefi', '--disk', 'nvme:5120:NVME-1');
    expect(report.image).toMatchObject({ device: '/dev/nvme0n1', format: 'qcow2', verified: true });
    expect(report.os).toMatchObject({ firmware: 'uefi', diskSerial: 'NVME-1', hostname: 'lab-node-1' });
    const { label, rows, root } = seenFromOutside(disk);
    expect(label).toBe('gpt');
    const places = ['1+550', '551+1024', '1575+64', '1639+1', '1640+1024'];
    expect(rows).toEqual(['vfat efi-part', ...around].map((what, at) => `${places[at]} ${what}`));
    expect(run('sfdisk', '--verify', disk)).toContain('No errors detected');
    expect(rootFile(disk, root, '/etc/os-release')).toContain('lab test system');
  });

  it('BIOS: the same on a DOS table, from a raw image', async () => {
    const raw = ['--image-format', 'raw', '--api-version', '1.82'];
    const { report, disk } = await deployed('--firmware', 'bios', '--disk', 'virtio:5120:VIRTIO-1', ...raw);
    expect(report.image).toMatchObject({ device: '/dev/vda', format: 'raw', verified: true });
    expect(report.os).toMatchObject({ firmware: 'bios', diskSerial: 'VIRTIO-1', hostname: 'lab-node-1' });
    const { label, rows } = seenFromOutside(disk);
    expect(label).toBe('dos');
    const places = ['1+1024', '1025+64', '1089+1', '1090+1024*'];
    expect(rows).toEqual(around.map((what, at) => `${places[at]} ${what}`));
  });
});
