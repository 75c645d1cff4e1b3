import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildBinary, parseArch } from '../build/binary/index.ts';
import { cache } from '../build/kit/index.ts';
import { type BenchImage, type Stage, setUpStage } from './imaging-stage.ts';
import { compare, limitTo, type Measurement } from './measurement.ts';
import { best, type Timed, timed } from './timed.ts';

const RUNS = 5;
const RSS_LIMIT_MIB = 256;

interface Ours extends Timed {
  readonly peakRssMiB: number;
}

/** A stage and the program that holds our pipeline. */
interface Setting extends Stage {
  readonly writer: string;
}

/** Made like the agent: one executable with its threads inside. */
async function buildWriter(): Promise<string> {
  const entry = join(import.meta.dirname, 'imaging-writer.ts');
  return (await buildBinary({ arch: parseArch(process.arch), entry, folder: join(cache, 'imaging-writer') })).path;
}

/** Our pipeline in a process of its own, without the cost of starting that process. */
async function ours(stage: Setting, image: BenchImage): Promise<Ours> {
  const facts = [image.url, image.format, 'sha256', image.sha256, stage.disk, String(stage.diskBytes)];
  const run = await timed(stage.writer, facts);
  const { wallMs, startCpuMs, peakRssMiB }: { wallMs: number; startCpuMs: number; peakRssMiB: number } = JSON.parse(
    run.stdout,
  );
  return { ...run, wallMs, cpuMs: run.cpuMs - startCpuMs, peakRssMiB };
}

/** What operators do by hand, without a check of the digest. */
const pipeToDd = (stage: Stage, image: BenchImage) =>
  timed('sh', [
    '-c',
    'curl -sS "$0" | dd of="$1" bs=4M iflag=fullblock oflag=direct status=none',
    image.url,
    stage.disk,
  ]);

/** The reference agent: download to a file, hash it, convert it with its flags. Parts are timed separately. */
async function downloadAndConvert(stage: Stage, image: BenchImage) {
  const file = join(stage.scratch, 'copy');
  const download = await timed('curl', ['-sS', '-o', file, image.url]);
  const flags = ['-O', 'host_device', '-t', 'directsync', '-S', '0', '-f', 'qcow2', '-W'];
  const convert = await timed('qemu-img', ['convert', ...flags, file, stage.disk]);
  rmSync(file);
  return { download, convert };
}

async function several<T>(work: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let i = 0; i < RUNS; i++) results.push(await work());
  return results;
}

async function measureRaw(stage: Setting, image: BenchImage): Promise<readonly Measurement[]> {
  const mine = await several(() => ours(stage, image));
  const theirs = best(await several(() => pipeToDd(stage, image)));
  const { wallMs, cpuMs } = best(mine);
  return [
    compare('raw over HTTP, with digest, CPU vs curl | dd without', cpuMs / 1000, theirs.cpuMs / 1000, 's', 0.9),
    compare('raw over HTTP, with digest, wall vs curl | dd without', wallMs / 1000, theirs.wallMs / 1000, 's', 1),
    limitTo('raw over HTTP, peak memory', Math.max(...mine.map((run) => run.peakRssMiB)), 'MiB', RSS_LIMIT_MIB),
  ];
}

/** The same for a compressed raw image: one program more in the row. */
const pipeThrough = (stage: Stage, image: BenchImage, program: string) =>
  timed('sh', [
    '-c',
    'curl -sS "$0" | "$2" -dc | dd of="$1" bs=4M iflag=fullblock oflag=direct status=none',
    ...[image.url, stage.disk, program],
  ]);

async function measureUnpacked(stage: Setting, image: BenchImage, program: string, limit: number) {
  const mine = await several(() => ours(stage, image));
  const theirs = best(await several(() => pipeThrough(stage, image, program)));
  const { wallMs, cpuMs } = best(mine);
  const [name, peer] = [`raw in ${program}, with digest`, `curl | ${program} -d | dd without`];
  return [
    compare(`${name}, CPU vs ${peer}`, cpuMs / 1000, theirs.cpuMs / 1000, 's', limit),
    compare(`${name}, wall vs ${peer}`, wallMs / 1000, theirs.wallMs / 1000, 's', 1),
    limitTo(`raw in ${program}, peak memory`, Math.max(...mine.map((run) => run.peakRssMiB)), 'MiB', RSS_LIMIT_MIB),
  ];
}

interface Qcow2Limits {
  readonly cpu: number;
  /** Wall time is held against the slower of download alone and this share of the conversion alone. */
  readonly convertShare: number;
}

async function measureQcow2(stage: Setting, image: BenchImage, limits: Qcow2Limits): Promise<readonly Measurement[]> {
  const mine = await several(() => ours(stage, image));
  const theirs = await several(() => downloadAndConvert(stage, image));
  const download = best(theirs.map((run) => run.download));
  const convert = best(theirs.map((run) => run.convert));
  const { wallMs, cpuMs } = best(mine);
  const bound = Math.max(download.wallMs, limits.convertShare * convert.wallMs);
  const total = download.wallMs + convert.wallMs;
  const peerCpu = download.cpuMs + convert.cpuMs;
  const name = image.name.replace('.qcow2', ' qcow2');
  return [
    compare(`${name}, with digest, CPU vs download + qemu-img`, cpuMs / 1000, peerCpu / 1000, 's', limits.cpu),
    compare(`${name}, with digest, wall vs download + qemu-img`, wallMs / 1000, total / 1000, 's', 1),
    compare(
      `${name}, wall vs max(download, ${limits.convertShare} x qemu-img)`,
      wallMs / 1000,
      bound / 1000,
      's',
      1.05,
    ),
    limitTo(`${name}, peak memory`, Math.max(...mine.map((run) => run.peakRssMiB)), 'MiB', RSS_LIMIT_MIB),
  ];
}

/** Our image pipeline against the tools it replaces, on this machine, in one go (imaging 10.7). Needs root. */
export async function measureImaging(): Promise<readonly Measurement[]> {
  const writer = await buildWriter();
  const stage = { ...(await setUpStage()), writer };
  try {
    const rows: Measurement[] = [];
    for (const image of stage.images) {
      if (image.name.endsWith('.gzip')) rows.push(...(await measureUnpacked(stage, image, 'gzip', 0.5)));
      else if (image.name.endsWith('.zstd')) rows.push(...(await measureUnpacked(stage, image, 'zstd', 1.1)));
      else if (image.format === 'raw') rows.push(...(await measureRaw(stage, image)));
      else if (image.name === 'plain.qcow2')
        rows.push(...(await measureQcow2(stage, image, { cpu: 2, convertShare: 1.3 })));
      else rows.push(...(await measureQcow2(stage, image, { cpu: 0.6, convertShare: 0.45 })));
    }
    return rows;
  } finally {
    stage.close();
  }
}
