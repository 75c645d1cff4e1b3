import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cache, fileDigest, run, writeWhole } from '../kit/index.ts';
import { buildByDib } from './dib.ts';
import { baseDigest, elementVariables } from './element.ts';
import { buildByMmdebstrap } from './fast.ts';
import type { Job } from './job.ts';
import { removeTree } from './remove-tree.ts';
import { findMirrors, machineSources } from './sources.ts';

const home = join(cache, 'ramdisk');

export interface BaseOptions {
  readonly release: string;
  /** mmdebstrap and quick compression instead of diskimage-builder: for a developer's loop, not for release. */
  readonly fast: boolean;
  readonly rebuild: boolean;
  readonly agent: string;
  readonly tell: (text: string) => void;
}

export interface Base {
  /** Holds `kernel`, `root.squashfs` and `early/`. */
  readonly folder: string;
  /** Of the contents: a rebuild with newer packages has another one. */
  readonly digest: string;
}

/** apt's behaviour on this machine: proxies, and mirrors frozen in the past whose signatures have expired. */
async function aptSettings(work: string): Promise<string> {
  const dump = await run('apt-config', ['dump']);
  const kept = dump.split('\n').filter((line) => /^Acquire::(Check-|http::|https::|Retries)/.test(line));
  const path = join(work, 'apt.conf');
  writeWhole(path, `${kept.join('\n')}\n`);
  return path;
}

function digestOf(options: BaseOptions, variables: Readonly<Record<string, string>>): string {
  const caFile = variables.DIB_IPA_CA_FILE;
  const ca = caFile !== undefined && existsSync(caFile) ? readFileSync(caFile, 'utf8') : '';
  const named = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return baseDigest([options.release, options.fast ? 'fast' : 'dib', ca, ...named.sort()]);
}

const baseIn = async (folder: string, inputs: string): Promise<Base> => ({
  folder,
  digest: `${inputs} ${await fileDigest(join(folder, 'root.squashfs'))}`,
});

/**
 * The root file system without the agent, from the cache when the element, the package list, the release and the
 * operator's variables are the same as before. Takes minutes otherwise.
 */
export async function provideBase(options: BaseOptions): Promise<Base> {
  const variables = elementVariables(process.env);
  const digest = digestOf(options, variables);
  const folder = join(home, `${options.release}-${options.fast ? 'fast' : 'dib'}`);
  const stamp = join(folder, 'inputs');
  if (!options.rebuild && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest)
    return await baseIn(folder, digest);

  mkdirSync(home, { recursive: true });
  // One builder at a time: what lies here was left by one that was stopped.
  for (const name of readdirSync(home).filter((entry) => entry.startsWith('work-'))) removeTree(join(home, name));
  const work = mkdtempSync(join(home, 'work-'));
  try {
    const job: Job = {
      release: options.release,
      mirrors: findMirrors(machineSources(), process.env),
      variables,
      work,
      base: join(work, 'base'),
      aptConf: await aptSettings(work),
      downloads: join(home, 'downloads'),
      agent: options.agent,
      tell: options.tell,
    };
    mkdirSync(job.downloads, { recursive: true });
    await (options.fast ? buildByMmdebstrap(job) : buildByDib(job));
    writeWhole(join(job.base, 'inputs'), digest);
    removeTree(folder);
    renameSync(job.base, folder);
  } finally {
    removeTree(work);
  }
  return await baseIn(folder, digest);
}
