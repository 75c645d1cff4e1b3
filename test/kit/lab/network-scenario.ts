import { copyFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOsImage } from '../../../lab/images/index.ts';
import { partitionGuids } from '../../../lab/machine/boot-disks.ts';
import { createMachine, type MachineSpec } from '../../../lab/machine/index.ts';
import { createNetwork, type Network } from '../../../lab/network/index.ts';
import { silentLog as log } from '../../../src/core/index.ts';
import { places } from './places.ts';
import { bootEntry, buildProbe } from './probe.ts';

/**
 * `network-scenario.ts <directory> <bios|uefi>`, inside a private network: a server with a blank and a system disk
 * boots our probe from the network; in UEFI mode the probe writes a boot entry, and the server then boots by it from
 * the disk behind the blank one. Prints JSON.
 */
const [directory = '', mode = ''] = process.argv.slice(2);
const firmware = mode === 'uefi' ? 'uefi' : 'bios';
const BOOT_MS = 180_000;
const stopping = new AbortController();
const { signal } = stopping;
process.on('SIGTERM', () => stopping.abort(new Error('ended')));
process.on('SIGINT', () => stopping.abort(new Error('interrupted')));

/** GUID of the EFI system partition, the second in the image. */
async function espOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  const head = Buffer.alloc(24_576);
  await file.read(head, 0, head.length, 0).finally(() => file.close());
  return partitionGuids(head, 512)[1] ?? '';
}

async function scenario(network: Network) {
  const image = await buildOsImage({ directory: places.images, cache: places.debian, format: 'raw', log }, signal);
  const system = join(directory, 'system.raw');
  await copyFile(image.path, system);
  const probe = await buildProbe({ directory: join(directory, 'http'), cache: places.debian, log }, signal);
  const entry = bootEntry('debian', await espOf(system), '\\EFI\\debian\\grubx64.efi');
  await network.writeBootScript({
    kernel: `${network.httpUrl}/${probe.kernel}`,
    initramfs: `${network.httpUrl}/${probe.initramfs}`,
    append: `console=ttyS0 lab.word=hello${firmware === 'uefi' ? ` lab.bootentry=${entry}` : ''}`,
  });
  const spec: MachineSpec = {
    ...{ name: 'server', firmware, cpus: 2, memoryMiB: 512, bmc: false },
    nics: network.taps.map((tap, index) => ({ tap, mac: `52:54:00:00:00:0${index + 1}` })),
    disks: [
      { name: 'blank', bus: 'virtio', sizeMiB: 64, serial: 'BLANK' },
      { name: 'system', bus: 'virtio', sizeMiB: 0, serial: 'SYSTEM-1', path: system },
    ],
  };
  const machine = await createMachine(spec, { directory: join(directory, 'machine'), log, accelerator: 'tcg' });
  try {
    await machine.powerOn('network');
    await machine.waitForSerial(/probe-done/, BOOT_MS, signal);
    await machine.whenOff(20_000, signal);
    const probeSaid = machine.serial.lines().filter((line) => line.startsWith('probe-'));
    const facts = { probeSaid, leases: await network.leases(), served: network.served() };
    if (firmware === 'bios') return facts;
    await machine.powerOn('disk');
    // The last line of the banner: a line that is still on its way matches early, with half of its text.
    await machine.waitForSerial(/^---- LAB-OS END ----/, BOOT_MS, signal);
    const loader = machine.serial.lines().findLast((line) => line.startsWith('loader: '));
    return { ...facts, loader: loader?.trim() };
  } finally {
    await machine.dispose();
  }
}

const network = await createNetwork(
  { directory: join(directory, 'network'), httpRoot: join(directory, 'http'), tapCount: 2, log },
  signal,
);
const result = await scenario(network).finally(network.stop);
process.stdout.write(JSON.stringify(result));
