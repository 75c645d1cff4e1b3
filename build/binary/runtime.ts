import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildFailed, cache, fileDigest, inputsDigest, root, run } from '../kit/index.ts';
import { type Arch, archs } from './arch.ts';
import { blankLocales } from './icu.ts';

const packageOf = (arch: Arch) => `node-linux-${arch}`;

function pinnedVersion(arch: Arch): string {
  const manifest: { optionalDependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const version = manifest.optionalDependencies[packageOf(arch)];
  if (version === undefined) throw new BuildFailed(`package.json pins no ${packageOf(arch)}`);
  return version;
}

/** npm installs the runtime of this machine only; the other one is fetched once into the cache. */
async function locate(arch: Arch): Promise<string> {
  const installed = join(root, 'node_modules', packageOf(arch), 'bin', 'node');
  if (existsSync(installed)) return installed;
  const wanted = `${packageOf(arch)}@${pinnedVersion(arch)}`;
  const folder = join(cache, 'runtime', wanted);
  const node = join(folder, 'package', 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  const hint = 'check the network and the npm registry';
  const listing = await run('npm', ['pack', wanted, '--json', '--pack-destination', folder], { cwd: folder, hint });
  const archive = JSON.parse(listing)[0].filename;
  await run('tar', ['-xzf', archive, 'package/bin/node', 'package/LICENSE'], { cwd: folder });
  rmSync(join(folder, archive));
  return node;
}

/** The runtime as published, its digest proved. */
export async function nodeOf(arch: Arch): Promise<string> {
  const node = await locate(arch);
  const digest = await fileDigest(node);
  if (digest !== archs[arch].nodeDigest)
    throw new BuildFailed(
      `${node} has SHA-256 ${digest}, expected ${archs[arch].nodeDigest}\n` +
        'remove it and install again; when the pinned version changed, review and pin the new digest',
    );
  return node;
}

/** Less would mean that the data of this version is laid out in another way. */
const LEAST_BLANKED = 20e6;

/**
 * The runtime without symbols and without foreign locales. It must be stripped before the program goes in: afterwards
 * it would not start.
 */
export async function strippedNode(arch: Arch): Promise<string> {
  const node = await nodeOf(arch);
  const recipe = inputsDigest(root, [join(import.meta.dirname, 'icu.ts')], [archs[arch].nodeDigest]).slice(0, 16);
  const stripped = join(cache, 'runtime', `node-${arch}-${recipe}`);
  if (existsSync(stripped)) return stripped;
  mkdirSync(join(cache, 'runtime'), { recursive: true });
  const fresh = `${stripped}.${process.pid}`;
  const elf = readFileSync(node);
  const blanked = blankLocales(elf);
  if (blanked < LEAST_BLANKED) throw new BuildFailed(`only ${blanked} bytes of locale data found in ${node}`);
  writeFileSync(fresh, elf, { mode: 0o755 });
  await run(archs[arch].strip, [fresh]);
  renameSync(fresh, stripped);
  return stripped;
}
