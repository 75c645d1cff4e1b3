import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BuildFailed, cache, fileDigest, root, run } from '../kit/index.ts';
import { type Arch, archs } from './arch.ts';

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

/** The runtime without symbols. It must be stripped before the program goes in: afterwards it would not start. */
export async function strippedNode(arch: Arch): Promise<string> {
  const node = await nodeOf(arch);
  const stripped = join(cache, 'runtime', `${archs[arch].nodeDigest.slice(0, 16)}-${arch}.stripped`);
  if (existsSync(stripped)) return stripped;
  mkdirSync(join(cache, 'runtime'), { recursive: true });
  const fresh = `${stripped}.${process.pid}`;
  copyFileSync(node, fresh);
  await run(archs[arch].strip, [fresh]);
  renameSync(fresh, stripped);
  return stripped;
}
