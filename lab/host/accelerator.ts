import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { MiB } from '../../src/core/index.ts';

export type Accelerator = 'kvm' | 'tcg';

/** What the boot sector tells QEMU's exit device; QEMU exits with `(value << 1) | 1`. */
const ANSWER = 0x10;
const EXIT_PORT = 0xf4;

/**
 * A boot sector that enters 64-bit mode with paging on and writes one byte to the exit device: the smallest guest
 * that proves that kernels would run.
 */
const PROBE = [
  'fa 31c0 8ed8 8ec0 fc', // no interrupts, segments zero
  'bf0010 b90018 f3ab', // clear three pages from 0x1000 on
  'c70600100320 c70600200330 c70600308300', // two table levels and one 2 MiB page at address 0
  '0f20e0 0c20 0f22e0', // physical address extension on
  '66b800100000 0f22d8', // page tables at 0x1000
  '66b9800000c0 0f32 80cc01 0f30', // long mode enabled
  '0f0116707c', // segment descriptors, below
  '0f20c0 660d01000080 0f22c0 ea567c0800', // paging and protection on; jump into 64-bit code
  'b010 e6f4 f4 ebf9 0f1f00', // answer, halt
  '0000000000000000 00000000009b2000 0f00 607c0000', // null and code descriptor, their size and address
];

export function probeSector(): Uint8Array {
  const sector = new Uint8Array(512);
  sector.set(Buffer.from(PROBE.join('').replaceAll(' ', ''), 'hex'));
  sector.set([0x55, 0xaa], 510);
  return sector;
}

/** The processor that suits an accelerator; the probe and the machines use the same. */
export const cpuModel: Readonly<Record<Accelerator, string>> = { kvm: 'host', tcg: 'max' };

/** True when a guest really runs under `accelerator`: /dev/kvm may exist and still not work. */
export async function bootsUnder(accelerator: Accelerator, signal?: AbortSignal): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'lab-probe-'));
  const disk = join(directory, 'boot.img');
  const args = [
    ...['-accel', accelerator, '-machine', 'q35', '-cpu', cpuModel[accelerator], '-smp', '2', '-m', '32'],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-device', `isa-debug-exit,iobase=0x${EXIT_PORT.toString(16)},iosize=0x04`],
    ...['-drive', `file=${disk},format=raw,if=ide`],
  ];
  try {
    await writeFile(disk, probeSector());
    // The firmware refuses a disk of a single sector.
    await truncate(disk, MiB);
    const result = await execa('qemu-system-x86_64', args, {
      reject: false,
      timeout: 15_000,
      stdio: 'ignore',
      forceKillAfterDelay: 1000,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    return result.exitCode === ((ANSWER << 1) | 1);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A probe that boots at most once, whoever asks. */
export function createAcceleratorProbe(): (signal?: AbortSignal) => Promise<Accelerator> {
  const known: { answer?: Promise<Accelerator> } = {};
  return (signal) => {
    known.answer ??= bootsUnder('kvm', signal).then((works) => (works ? 'kvm' : 'tcg'));
    return known.answer;
  };
}
