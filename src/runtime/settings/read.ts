import { join } from 'node:path';
import { type CommandLine, type ConfigFile, InvalidOption, type Resolved, resolveConfig } from '../../config/index.ts';
import { reasonOf } from '../../core/index.ts';
import type { Files } from '../../system/index.ts';
import { type BootMedia, noMedia } from './media.ts';

/** Of a file, and with `.d` of a directory. */
const DEFAULT_NAME = 'ironic-python-agent.conf';

export interface World {
  readonly files: Files;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: none. */
  readonly media?: BootMedia;
}

async function inDirectory(files: Files, dir: string): Promise<readonly string[]> {
  return (await files.list(dir)).filter((name) => name.endsWith('.conf')).map((name) => join(dir, name));
}

/** The first of these that is there; as oslo.config has it, the home directory keeps `/etc` out. */
async function firstOf(files: Files, kind: 'file' | 'dir', paths: readonly string[]): Promise<readonly string[]> {
  for (const path of paths) if ((await files.kind(path)) === kind) return [path];
  return [];
}

/** What the reference reads unasked: a file unless one is named, a directory unless one is named (protocol.md 2.1). */
async function defaultPaths({ files, env }: World, named: CommandLine['configPaths']): Promise<readonly string[]> {
  const isNamed = (wanted: 'file' | 'dir') => named.some(({ kind }) => kind === wanted);
  const single = [join(env.HOME ?? '/root', DEFAULT_NAME), join('/etc', DEFAULT_NAME)];
  const file = isNamed('file') ? [] : await firstOf(files, 'file', single);
  const dirs = single.map((path) => `${path}.d`);
  const [dir] = isNamed('dir') ? [] : await firstOf(files, 'dir', dirs);
  return [...file, ...(dir === undefined ? [] : await inDirectory(files, dir))];
}

async function readNamed({ files, media = noMedia }: World, path: string): Promise<ConfigFile> {
  const from = media.copied.get(path);
  try {
    return { path, text: await files.text(path), ...(from === undefined ? {} : { from }) };
  } catch (error) {
    throw InvalidOption(`--config-file ${path} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/** IPv6 is usable unless the kernel says it is disabled (protocol.md 2.2 `listen_host`). */
const ipv6Enabled = async (files: Files): Promise<boolean> =>
  (await files.textOrNull('/proc/sys/net/ipv6/conf/default/disable_ipv6')) === '0';

export const kernelLine = async (files: Files): Promise<string> => (await files.textOrNull('/proc/cmdline')) ?? '';

/** Gathers every source of protocol.md 2.1 and resolves them. @throws InvalidOption with one line per mistake */
export async function readConfiguration(world: World, commandLine: CommandLine): Promise<Resolved> {
  const { files, env, media = noMedia } = world;
  const { configPaths, settings } = commandLine;
  const named = await Promise.all(
    configPaths.map(({ kind, path }) => (kind === 'dir' ? inDirectory(files, path) : Promise.resolve([path]))),
  );
  const paths = [...(await defaultPaths(world, configPaths)), ...named.flat()];
  return resolveConfig({
    files: await Promise.all(paths.map((path) => readNamed(world, path))),
    env,
    flags: settings,
    kernel: await kernelLine(files),
    floppy: media.floppy,
    facts: { ipv6Enabled: await ipv6Enabled(files) },
  });
}
