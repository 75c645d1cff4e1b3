import { join } from 'node:path';
import { type CommandLine, type ConfigFile, InvalidOption, type Resolved, resolveConfig } from '../../config/index.ts';
import { reasonOf } from '../../core/index.ts';
import type { Files } from '../../system/index.ts';
import { type BootMedia, noMedia } from './media.ts';

export interface World {
  readonly files: Files;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: none. */
  readonly media?: BootMedia;
}

async function inDirectory(files: Files, dir: string): Promise<readonly string[]> {
  return (await files.list(dir)).filter((name) => name.endsWith('.conf')).map((name) => join(dir, name));
}

/** Files the reference reads when none is named; any of them may be absent. */
async function defaultPaths({ files, env }: World): Promise<readonly string[]> {
  const home = env.HOME ?? '/root';
  const single = [join(home, 'ironic-python-agent.conf'), '/etc/ironic-python-agent.conf'];
  const present = await Promise.all(single.map(async (path) => ((await files.kind(path)) === 'file' ? [path] : [])));
  const dirs = single.map((path) => `${path}.d`);
  return [...present.flat(), ...(await Promise.all(dirs.map((dir) => inDirectory(files, dir)))).flat()];
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
  const paths = configPaths.length > 0 ? named.flat() : await defaultPaths(world);
  return resolveConfig({
    files: await Promise.all(paths.map((path) => readNamed(world, path))),
    env,
    flags: settings,
    kernel: await kernelLine(files),
    floppy: media.floppy,
    facts: { ipv6Enabled: await ipv6Enabled(files) },
  });
}
