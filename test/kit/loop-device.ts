import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { silentLog } from '../../src/core/index.ts';
import { createTools, type Tool, type Tools } from '../../src/system/index.ts';

/** A loop device of this test run over a sparse file of its own. Needs root. */
export interface LoopDevice {
  readonly path: string;
  readonly kname: string;
  readonly bytes: number;
  /** SHA-256 of the whole device. */
  readonly digest: () => string;
  readonly write: (offset: number, data: Uint8Array) => void;
  readonly read: (offset: number, length: number) => Uint8Array;
  /** Makes the kernel know the partitions of the table on the device; answers with their paths. */
  readonly readPartitions: () => readonly string[];
  /** Frees device and file; unmounts nothing. */
  readonly remove: () => void;
}

export const run = (bin: string, ...argv: string[]): string =>
  execFileSync(bin, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const attempt = (work: () => unknown) => {
  try {
    work();
  } catch {
    // Already gone.
  }
};

export function createLoopDevice(bytes: number, sectorBytes: 512 | 4096 = 512): LoopDevice {
  if (process.getuid?.() !== 0) throw new Error('loop device tests need root');
  const dir = mkdtempSync(join(tmpdir(), 'loop-test-'));
  const file = join(dir, 'disk.img');
  const made = openSync(file, 'wx');
  ftruncateSync(made, bytes);
  closeSync(made);
  const path = run('losetup', '--find', '--show', '--sector-size', String(sectorBytes), file).trim();
  const withDevice = <T>(flags: string, work: (fd: number) => T): T => {
    const fd = openSync(path, flags);
    try {
      return work(fd);
    } finally {
      closeSync(fd);
    }
  };
  const flush = () => run('blockdev', '--flushbufs', path);
  return {
    path,
    kname: basename(path),
    bytes,
    digest: () => {
      run('sync');
      flush();
      return createHash('sha256').update(readFileSync(file)).digest('hex');
    },
    write: (offset, data) => {
      withDevice('r+', (fd) => writeSync(fd, data, 0, data.byteLength, offset));
      flush();
    },
    read: (offset, length) => {
      flush();
      const buffer = Buffer.alloc(length);
      withDevice('r', (fd) => readSync(fd, buffer, 0, length, offset));
      return buffer;
    },
    readPartitions: () => {
      run('partx', '--add', path);
      return run('lsblk', '--noheadings', '--list', '--paths', '--output', 'NAME,TYPE', path)
        .split('\n')
        .flatMap((line) => (line.trim().endsWith('part') ? [line.trim().split(/\s+/)[0] ?? ''] : []));
    },
    remove: () => {
      attempt(() => run('partx', '--delete', path));
      run('losetup', '--detach', path);
      rmSync(dir, { recursive: true });
    },
  };
}

/**
 * Real tools for a machine whose only disks are these loop devices: lsblk lists nothing else, and a call that could
 * change any other device is refused.
 */
export function toolsForLoops(loops: readonly LoopDevice[]): Tools {
  const real = createTools(silentLog);
  const isOurs = (device: string) => loops.some(({ path }) => device === path || device.startsWith(`${path}p`));
  return {
    async run<I, O>(tool: Tool<I, O>, input: I, signal?: AbortSignal): Promise<O> {
      const argv = tool.argv(input);
      if (tool.bin === 'lsblk') return tool.parse(lsblkOf(argv, loops), input);
      const devices = argv.flatMap((arg) => /^(?:of=)?(\/dev\/.*)$/.exec(arg)?.[1] ?? []);
      const foreign = devices.filter((device) => !isOurs(device));
      if (tool.effect !== 'reads' && foreign.length > 0)
        throw new Error(`test safety: ${tool.bin} ${argv.join(' ')} touches ${foreign.join(', ')}`);
      return real.run(tool, input, signal);
    },
  };
}

function lsblkOf(argv: readonly string[], loops: readonly LoopDevice[]) {
  const text = run('lsblk', ...argv, ...loops.map(({ path }) => path));
  const stdout = text.replaceAll(/("type":\s*)"loop"/g, '$1"disk"');
  return { exitCode: 0, stdout, stderr: '', bytes: Buffer.from(stdout) };
}
