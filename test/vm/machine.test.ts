import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildOsImage, configDriveIso, readBanner } from '../../lab/images/index.ts';
import { createMachine, type DiskBus, type Machine } from '../../lab/machine/index.ts';
import { silentLog as log } from '../../src/core/index.ts';
import { places } from '../kit/lab/places.ts';

const BOOT_MS = 180_000;
const { signal } = new AbortController();
const dmi = {
  manufacturer: 'Acme, Inc.',
  product: 'Lab Server',
  serial: 'SERVER-7',
  sku: 'K1',
  uuid: '11111111-2222-3333-4444-555555555555',
};

let directory: string;
let machine: Machine | null = null;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vm-machine-'));
});
afterEach(async () => {
  await machine?.dispose();
  machine = null;
  await rm(directory, { recursive: true, force: true });
});

async function configDrive(): Promise<string> {
  const path = join(directory, 'config.iso');
  const drive = { hostname: 'node-7', uuid: 'a1b2', userData: '#!/bin/sh\necho "hi, there"\n' };
  await writeFile(path, await configDriveIso(drive, signal));
  return path;
}

/** The system stands on the second disk, behind a blank one. */
async function server(firmware: 'bios' | 'uefi', bus: DiskBus, sectorBytes: 512 | 4096 = 512) {
  const image = await buildOsImage(
    { directory: places.images, cache: places.debian, format: 'raw', logicalSectorBytes: sectorBytes, log },
    signal,
  );
  const path = join(directory, 'system.raw');
  await copyFile(image.path, path);
  const made = await createMachine(
    {
      ...{ name: 'server', firmware, cpus: 2, memoryMiB: 512, nics: [], bmc: true, dmi },
      cdrom: await configDrive(),
      disks: [
        { name: 'blank', bus: 'virtio', sizeMiB: 64, serial: 'BLANK' },
        { name: 'system', bus, sizeMiB: 0, serial: 'SYSTEM-1', sectorBytes, path },
      ],
    },
    { directory: join(directory, 'machine'), log, accelerator: 'tcg' },
  );
  machine = made;
  return { made, image };
}

async function banner(made: Machine, marker: string) {
  await made.powerOn('disk');
  await made.waitForSerial(new RegExp(`^${marker}$`), BOOT_MS, signal);
  return readBanner(made.serial.lines().join('\n'));
}

const said = {
  diskSerial: 'SYSTEM-1',
  machineSerial: 'SERVER-7',
  machineUuid: dmi.uuid,
  configDrive: '/dev/sr0',
  hostname: 'node-7',
  uuid: 'a1b2',
  userData: '#!/bin/sh\necho "hi, there"',
};

describe('the test system on a virtual server', () => {
  it('boots in BIOS mode from virtio, shows itself on the screen and obeys the power button', async () => {
    const { made, image } = await server('bios', 'virtio');
    expect(await banner(made, image.bannerMarker)).toMatchObject({ ...said, firmware: 'bios', disk: '/dev/vdb' });
    const screen = join(directory, 'screen.png');
    await made.screenshot(screen);
    expect((await readFile(screen)).subarray(1, 4).toString('latin1')).toBe('PNG');
    await expect(made.powerOn('disk')).rejects.toThrow('server is on already');
    await made.powerOff('soft');
    expect(made.state()).toBe('off');
    expect(await readFile(made.serialPath, 'utf8')).toContain(image.bannerMarker);
  });

  it('boots in UEFI mode from NVMe with sectors of 4096 bytes', async () => {
    const { made, image } = await server('uefi', 'nvme', 4096);
    expect(await banner(made, image.bannerMarker)).toMatchObject({
      ...said,
      firmware: 'uefi',
      disk: '/dev/nvme0n1',
      loader: expect.stringMatching(/\/EFI\/BOOT$/),
    });
    await made.powerOff('hard');
    expect(made.state()).toBe('off');
  });
});
