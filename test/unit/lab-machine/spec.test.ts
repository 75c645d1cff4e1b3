import { describe, expect, it } from 'vitest';
import { type MachineSpec, machineProblems, requireBootSource } from '../../../lab/machine/index.ts';

const good: MachineSpec = {
  ...{ name: 'n1', firmware: 'bios', cpus: 1, memoryMiB: 512, nics: [], bmc: false },
  disks: [{ name: 'root', bus: 'virtio', sizeMiB: 10, serial: 'A' }],
};
const root = { name: 'root', bus: 'virtio', sizeMiB: 10, serial: 'A' } as const;

describe('a machine that cannot be built', () => {
  it.each<[string, Partial<MachineSpec>, string]>([
    ['no name', { name: '' }, 'not a machine name'],
    ['no processor', { cpus: 0 }, 'cpus must be'],
    ['little memory', { memoryMiB: 32 }, 'at least 64 MiB'],
    ['equal disk names', { disks: [root, root] }, 'two disks are called root'],
    ['long serial', { disks: [{ ...root, serial: 'A'.repeat(21) }] }, 'more than 20 characters'],
    ['odd serial', { disks: [{ ...root, serial: 'A,readonly=on' }] }, 'characters other than'],
    ['large sectors on SATA', { disks: [{ ...root, bus: 'sata', sectorBytes: 4096 }] }, 'sectors of 512 bytes only'],
    ['wwn on NVMe', { disks: [{ ...root, bus: 'nvme', wwn: '5000c50000000001' }] }, 'nvme takes no wwn'],
    ['paths without a wwn', { disks: [{ ...root, bus: 'scsi', paths: 2 }] }, 'has several paths'],
    ['short wwn', { disks: [{ ...root, bus: 'scsi', wwn: '5000' }] }, 'not 16 hex digits'],
    ['no size', { disks: [{ ...root, sizeMiB: 0 }] }, 'size must be positive'],
    ['bad MAC', { nics: [{ mac: '52:54', tap: 'tap0' }] }, 'not a MAC address'],
  ])('is refused for %s', (_why, change, expected) => {
    expect(machineProblems({ ...good, ...change }).join('; ')).toContain(expected);
  });

  it('names all its problems at once', () => {
    expect(machineProblems({ ...good, cpus: 0, memoryMiB: 1 })).toHaveLength(2);
    expect(machineProblems(good)).toEqual([]);
  });

  it.each(['network', 'cd', 'kernel'] as const)('has no %s to boot from', (boot) => {
    expect(() => requireBootSource(good, boot)).toThrow(`n1 has no ${boot} to boot from`);
  });
});
