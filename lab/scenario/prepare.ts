import { spawn } from 'node:child_process';
import { access, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Log, MiB } from '../../src/core/index.ts';
import { requireFreeSpace, requirePrograms, requireRoot } from '../host/index.ts';
import { buildOsImage } from '../images/index.ts';
import type { Timeline } from '../timeline/index.ts';
import { PreparationFailed } from './errors.ts';
import { foreignImage } from './foreign-image.ts';
import type { LabOptions } from './options.ts';
import type { ImageSpec, LabSpec } from './spec.ts';

const root = join(import.meta.dirname, '..', '..');
const cache = join(root, '.cache');
const dist = join(root, 'dist');
const RAMDISK = {
  kernel: join(dist, 'ironic-node-agent.kernel'),
  initramfs: join(dist, 'ironic-node-agent.initramfs'),
};
const LAST_LINES = 20;
/** Building an OS image, unpacking a ramdisk and the written disk, with room to spare. */
const NEEDED_BYTES = 3_000 * MiB;
/** Two conductors' worth of identity: what the deployed system must repeat. */
const INSTANCE = { hostname: 'lab-node-1', userData: 'hello from the lab\n' };

interface Tools {
  readonly timeline: Timeline;
  readonly log: Log;
}

/** Runs one of our build programs; its last line becomes the note of the stage. @throws PreparationFailed */
async function build(script: string, { timeline }: Tools, signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'build', script)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const lines: string[] = [];
  const read = async (stream: NodeJS.ReadableStream) => {
    for await (const line of createInterface({ input: stream })) {
      lines.push(line);
      timeline.note(line);
    }
  };
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const [code] = await Promise.all([ended, read(child.stdout), read(child.stderr)]);
  if (code !== 0)
    throw PreparationFailed(`build/${script} exited ${code}:\n${lines.slice(-LAST_LINES).join('\n')}`, {
      hint: 'run it by hand to see all of its output',
    });
}

async function ownImage(options: LabOptions, log: Log, signal: AbortSignal): Promise<ImageSpec> {
  const wanted = options.imageFormat ?? 'qcow2-zstd';
  const compression = wanted === 'qcow2-deflate' ? 'deflate' : wanted === 'qcow2-zstd' ? 'zstd' : undefined;
  const made = await buildOsImage(
    {
      directory: join(cache, 'images'),
      cache: join(cache, 'debian'),
      format: wanted === 'raw' ? 'raw' : 'qcow2',
      ...(compression === undefined ? {} : { compression }),
      payloadMiB: 64,
      kind: options.partitionImage ? 'partition' : 'disk',
      log,
    },
    signal,
  );
  const { path, format, sha256, virtualSize, fileSize, bannerMarker } = made;
  const partition = options.partitionImage;
  const facts = { path, format, sha256, virtualSize, fileSize, partition };
  return { ...facts, expect: bannerMarker, ours: true, source: basename(path) };
}

async function emptyWorkDir(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await requireFreeSpace(path, NEEDED_BYTES);
}

/** The only folder that is emptied without asking is our own default. */
async function workDirOf(options: LabOptions): Promise<string> {
  if (options.workDir === null) {
    const path = join(cache, 'lab', 'run');
    await emptyWorkDir(path);
    return path;
  }
  const used = await access(join(options.workDir, 'spec.json')).then(
    () => true,
    () => false,
  );
  if (used)
    throw PreparationFailed(`${options.workDir} holds an earlier run`, { hint: 'remove it or name another folder' });
  await mkdir(options.workDir, { recursive: true });
  await requireFreeSpace(options.workDir, NEEDED_BYTES);
  return options.workDir;
}

/** Everything that needs the internet, or time: done before the private network is entered. */
export async function prepare(options: LabOptions, tools: Tools, signal: AbortSignal): Promise<LabSpec> {
  const { timeline, log } = tools;
  timeline.stage('check', 'Check this host');
  requireRoot();
  await requirePrograms(['qemu-system-x86_64', 'dnsmasq', 'ip', 'unshare', 'setpriv', 'xorriso']);
  const workDir = await workDirOf(options);
  timeline.stage('binary', 'Build the single binary');
  await build('build.ts', tools, signal);
  timeline.stage('ramdisk', 'Build the ramdisk');
  await build('ramdisk.ts', tools, signal);
  timeline.stage('image', options.image === null ? 'Build the system image' : 'Fetch the system image');
  const image =
    options.image === null
      ? await ownImage(options, log, signal)
      : await foreignImage({ ...options, source: options.image }, join(workDir, 'images'), timeline, signal);
  timeline.end();
  return {
    workDir,
    cacheDir: cache,
    ...RAMDISK,
    image,
    firmware: options.firmware,
    memoryMiB: options.memoryMiB,
    disks: [...options.disks],
    hints: options.hints === null ? null : { ...options.hints },
    apiVersion: options.apiVersion,
    conductor: options.ironic ? 'ironic' : 'embedded',
    inspector: options.inspector,
    rescue: options.rescue,
    fastTrack: options.fastTrack,
    until: options.until,
    killAgent: options.killAgent,
    disablePowerOff: options.disablePowerOff,
    keep: options.keep,
    instance: { ...INSTANCE, uuid: crypto.randomUUID() },
    bootTimeoutMs: options.bootTimeoutMs,
    debug: options.debug,
  };
}
