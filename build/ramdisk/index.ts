import { existsSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Binary, buildBinary } from '../binary/index.ts';
import {
  BuildFailed,
  cache,
  dist,
  exclusively,
  inputsDigest,
  isFresh,
  markFresh,
  run,
  updateSums,
} from '../kit/index.ts';
import { type Base, provideBase } from './base.ts';
import { elementVariables, generateElement, lateScripts, script } from './element.ts';

export { staleFiles } from './element.ts';

export interface RamdiskOptions {
  /** Debian release of the userland and the kernel. */
  readonly release: string;
  readonly fast: boolean;
  readonly rebuild: boolean;
  /** Default `dist/`. */
  readonly folder?: string;
  readonly tell: (text: string) => void;
}

export interface Ramdisk {
  readonly kernel: string;
  readonly initramfs: string;
  readonly built: boolean;
}

const NEEDED_BYTES = 4e9;

function checkMachine(): void {
  if (process.getuid?.() !== 0)
    throw new BuildFailed('building the ramdisk needs root (it unpacks packages and mounts): run this as root');
  if (process.arch !== 'x64') throw new BuildFailed('the ramdisk is built for x64 on x64 only');
  mkdirSync(cache, { recursive: true });
  const { bavail, bsize } = statfsSync(cache);
  if (bavail * bsize < NEEDED_BYTES)
    throw new BuildFailed(`${cache} has ${(bavail * bsize) / 1e9} GB free, the ramdisk needs ${NEEDED_BYTES / 1e9} GB`);
}

async function joinParts(base: Base, agent: Binary, prefix: string, options: RamdiskOptions): Promise<void> {
  const quick = options.fast ? { DIB_IRONIC_NODE_AGENT_SQUASHFS: '-comp zstd -Xcompression-level 3 -b 256K' } : {};
  const env = { ...quick, ...elementVariables(process.env) };
  options.tell(`agent ${await run(script('check-agent'), [base.folder, agent.path])} starts on the root file system`);
  await run(script('join-ramdisk'), [base.folder, agent.path, prefix], { env });
}

async function build(options: RamdiskOptions): Promise<Ramdisk> {
  generateElement();
  const agent = await buildBinary({ arch: 'x64' });
  options.tell(
    `agent ${basename(agent.path)}: ${(agent.bytes / 1e6).toFixed(1)} MB${agent.built ? '' : ', unchanged'}`,
  );
  const base = await provideBase({ ...options, agent: agent.path });

  const folder = options.folder ?? dist;
  const prefix = join(folder, 'ironic-node-agent');
  const outputs = [`${prefix}.kernel`, `${prefix}.initramfs`] as const;
  const inputs = inputsDigest(folder, [agent.path, ...lateScripts.map(script)], [base.digest, String(options.fast)]);
  const stamp = `ramdisk-${inputsDigest(folder, [], outputs).slice(0, 8)}`;
  const [kernel, initramfs] = outputs;
  if (isFresh(stamp, inputs, outputs)) return { kernel, initramfs, built: false };
  mkdirSync(folder, { recursive: true });
  await joinParts(base, agent, prefix, options);
  await updateSums(folder, outputs);
  markFresh(stamp, inputs, outputs);
  return { kernel, initramfs, built: true };
}

/**
 * Makes `<folder>/ironic-node-agent.kernel` and `.initramfs`. Nothing changed: nothing is done. Only the agent
 * changed: only its part is packed again.
 */
export async function buildRamdisk(options: RamdiskOptions): Promise<Ramdisk> {
  checkMachine();
  return await exclusively('ramdisk', options, () => build(options));
}

/** Size of a file in MB (10^6), for messages. */
export const megabytes = (path: string) => (existsSync(path) ? (statSync(path).size / 1e6).toFixed(1) : '0');
