import { chmodSync, closeSync, copyFileSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildFailed, root, run } from '../kit/index.ts';
import { type Arch, archs } from './arch.ts';
import type { Bundle } from './bundle.ts';
import { strippedNode } from './runtime.ts';

const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Heap bounds: a leak ends in a restart, not in a ramdisk without memory (toolchain 2.6). */
const execArgv = ['--max-semi-space-size=1', '--max-old-space-size=256'];

const node = join(root, 'node_modules', '.bin', 'node');

interface Job {
  readonly arch: Arch;
  readonly bundle: Bundle;
  /** Holds the bundle; all names below are relative to it, so that no path of the build machine gets inside. */
  readonly folder: string;
}

function writeConfig(job: Job, extra: Readonly<Record<string, unknown>>): string {
  const name = 'sea.json';
  const config = {
    main: job.bundle.main,
    disableExperimentalSEAWarning: true,
    execArgv,
    execArgvExtension: 'none',
    assets: job.bundle.assets,
    // A cache made by another architecture's engine is rejected at start.
    useCodeCache: job.arch === process.arch,
    ...extra,
  };
  writeFileSync(join(job.folder, name), `${JSON.stringify(config, null, 2)}\n`);
  return name;
}

/** Without a fixed seed the code cache, and so the file, differs on every build. */
const seed = '--random-seed=1';

async function buildWhole(job: Job, base: string): Promise<void> {
  const config = writeConfig(job, { executable: base, output: 'agent' });
  await run(node, [seed, '--build-sea', config], { cwd: job.folder, env: { NODE_OPTIONS: '' } });
}

/** The built-in writer aligns to 4 KiB; arm64 kernels may use 64 KiB pages, which postject's layout fits. */
async function buildInjected(job: Job, base: string): Promise<void> {
  const config = writeConfig(job, { output: 'agent.blob' });
  await run(node, [seed, '--experimental-sea-config', config], { cwd: job.folder, env: { NODE_OPTIONS: '' } });
  copyFileSync(base, join(job.folder, 'agent'));
  const postject = join(root, 'node_modules', '.bin', 'postject');
  const args = ['agent', 'NODE_SEA_BLOB', 'agent.blob', '--sentinel-fuse', FUSE];
  await run(postject, args, { cwd: job.folder });
}

function machineOf(path: string): number {
  const header = Buffer.alloc(20);
  const file = openSync(path, 'r');
  readSync(file, header, 0, 20, 0);
  closeSync(file);
  return header.readUInt16LE(18);
}

/** Puts the bundle into the runtime and returns the path of the executable in the job's folder. */
export async function buildExecutable(job: Job): Promise<string> {
  const base = await strippedNode(job.arch);
  await (job.arch === 'arm64' ? buildInjected(job, base) : buildWhole(job, base));
  const path = join(job.folder, 'agent');
  chmodSync(path, 0o755);
  const machine = machineOf(path);
  if (machine !== archs[job.arch].machine) throw new BuildFailed(`${path} is for ELF machine ${machine}`);
  return path;
}
