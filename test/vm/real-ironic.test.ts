import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { labRun } from '../kit/lab-run.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** What a program other than ours finds in the archives that a service stored: `{ <archive>: <members> }`. */
async function unpacked(folder = ''): Promise<Record<string, string[]>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz'));
  const lists = names.map(async (name) => {
    const { stdout } = await execa('tar', ['--list', '--gzip', '--file', join(folder, name)]);
    return [name, stdout.split('\n')] as const;
  });
  return Object.fromEntries(await Promise.all(lists));
}

const readMember = async (folder = '', archive = '', member = '') =>
  (await execa('tar', ['--extract', '--gzip', '--to-stdout', '--file', join(folder, archive), member])).stdout;

/** What a service complained about. */
async function complaints(logFile = ''): Promise<readonly string[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n');
  return lines.filter((line) => / \d+ (ERROR|CRITICAL) |Traceback/.test(line));
}

const MEMBERS = ['journal', 'dmesg', 'df', 'ip_addr', 'lsblk', 'lsblk-full', 'mount', 'ps', 'manifest.json'];

describe('under a real, unmodified Ironic 2023.1 that requires TLS, and ironic-inspector 11.1', () => {
  it('is inspected, cleaned, deployed from a qcow2, rescued and unrescued', async () => {
    const disk = ['--firmware', 'uefi', '--disk', 'nvme:5120:NVME-1'];
    const made = await labRun(['--ironic', '--inspector', '--kill-agent', '--rescue', ...disk]);
    cleanups.push(made.forget);
    const { report } = made;
    const { logs } = report;
    expect(report.failure, made.progress).toBeNull();
    expect(made.exitCode).toBe(0);
    const path = ['inspect wait', 'manageable', 'available', 'active', 'rescue wait', 'rescue', 'active'];
    expect(report.states.filter((state) => path.includes(state))).toEqual(['manageable', ...path]);

    // What the hooks of the inspector made of our inventory.
    expect(report.conductor?.properties).toMatchObject({
      cpus: '2',
      cpu_arch: 'x86_64',
      memory_mb: '2048',
      local_gb: '4',
    });
    expect(report.conductor?.properties.capabilities).toContain('boot_mode:uefi');
    expect(report.conductor?.ports).toEqual(['52:54:00:a6:0e:01', '52:54:00:a6:0e:02']);
    expect(report.inventory).toMatchObject({ bootMode: 'uefi', disks: [{ name: '/dev/nvme0n1', serial: 'NVME-1' }] });
    // Over automatic TLS: the conductor holds the certificate.
    expect(report.conductor?.agent).toMatchObject({ url: expect.stringMatching(/^https:/), certified: true });

    // Killed while nothing ran: another process was the same agent for the conductor, in the same boot.
    expect(report.restarted?.before).toEqual(expect.any(Number));
    expect(report.restarted?.after).not.toBe(report.restarted?.before);
    expect(report.image).toMatchObject({ device: '/dev/nvme0n1', verified: true });
    expect(report.os).toMatchObject({ firmware: 'uefi', diskSerial: 'NVME-1', hostname: 'lab-node-1' });
    expect(report.rescued).toMatchObject({ user: 'rescue', mayBecome: 'root', marked: true, agentPort: 'closed' });

    // Log archives, as the services stored them: one of the inspection, one of the cleaning, one of the deployment.
    const inspection = Object.values(await unpacked(logs['inspection logs']));
    expect(inspection).toEqual([expect.arrayContaining(MEMBERS)]);
    const archives = await unpacked(logs.agent);
    expect(
      Object.keys(archives)
        .map((name) => name.includes('_cleaning_'))
        .sort(),
    ).toEqual([false, true]);
    for (const members of Object.values(archives)) expect(members).toEqual(expect.arrayContaining(MEMBERS));
    const deployment = Object.keys(archives).find((name) => !name.includes('_cleaning_'));
    expect(await readMember(logs.agent, deployment, 'journal')).toMatch(/agent\.start.*agent\.start/s);
    expect(await readMember(logs.agent, deployment, 'lsblk')).toContain('NVME-1');

    expect(await complaints(logs.ironic)).toEqual([]);
    expect(await complaints(logs.inspector)).toEqual([]);
  });
});
