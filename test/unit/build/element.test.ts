import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { element, staleFiles } from '../../../build/ramdisk/element.ts';
import { commandList, declaredCommands, packageInstalls, plainPackages } from '../../../build/ramdisk/packages.ts';

describe('package list of the ramdisk', () => {
  it('has every declared tool once, from single declarations and from records of them', () => {
    const bins = declaredCommands().map(({ bin }) => bin);
    expect(bins).toEqual([...new Set(bins)].sort());
    expect(bins).toEqual(expect.arrayContaining(['lsblk', 'udevadm', 'wipefs', 'lspci']));
  });

  it('unites base packages and those of the tools', () => {
    const packages = plainPackages([{ bin: 'nvme', debian: 'nvme-cli' }]);
    expect(packages).toEqual(expect.arrayContaining(['libatomic1', 'nvme-cli', 'systemd']));
  });

  it('writes the files of the element', () => {
    const commands = [{ bin: 'nvme', debian: 'nvme-cli' }];
    expect(commandList(commands)).toBe('nvme nvme-cli\n');
    expect(packageInstalls(commands)).toMatch(/^# Generated .*\n(?:.*\n)*nvme-cli:\n/);
    expect(packageInstalls(commands)).toMatch(/linux-image-amd64:\n {2}arch: amd64\n/);
    expect(packageInstalls(commands)).toMatch(/firmware-bnx2x:\n {2}when: IPA_DEBIAN_NONFREE = 1\n/);
  });

  it('is fresh in the element', () => {
    expect(staleFiles(), 'run: npm run ramdisk').toEqual([]);
  });
});

describe('lists of the element', () => {
  const list = (name: string) =>
    readFileSync(join(element, 'agent-ramdisk', name), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));

  it('never prune what the agent counts on', () => {
    const kept = ['systemd', 'udev', 'util-linux', 'libatomic1', ...plainPackages(declaredCommands())];
    expect(list('unneeded-packages.txt').filter((name) => kept.includes(name))).toEqual([]);
  });

  it.each(['unneeded-files.txt'])('%s holds absolute paths, never a whole tree of the system', (name) => {
    const forbidden = /^\/(usr|etc|lib|bin|sbin|var|dev|root)?\/?\*?$|^\/usr\/(lib|bin|sbin)\/?\*?$/;
    expect(list(name).filter((path) => !path.startsWith('/') || forbidden.test(path))).toEqual([]);
  });
});
