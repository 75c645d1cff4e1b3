import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cache, dist, inputsDigest, isFresh, markFresh, root, updateSums } from '../kit/index.ts';
import { type Arch, archs } from './arch.ts';
import { bundle } from './bundle.ts';
import { buildExecutable } from './executable.ts';
import { smokeTest } from './smoke.ts';

export { type Arch, parseArch } from './arch.ts';

export interface BinaryOptions {
  readonly arch: Arch;
  /** Default `src/main.ts`. */
  readonly entry?: string;
  /** Default `dist/`. */
  readonly folder?: string;
}

export interface Binary {
  readonly path: string;
  readonly bytes: number;
  /** False when nothing had changed. */
  readonly built: boolean;
}

const inputs = ['src', 'package.json', 'package-lock.json', 'build/binary', 'build/kit'];

/**
 * Makes the single executable, unless the one in place was made from the same inputs. The file appears in `folder`
 * only after it passed the smoke test (a foreign architecture cannot be started here).
 */
export async function buildBinary(options: BinaryOptions): Promise<Binary> {
  const { arch, entry = join(root, 'src/main.ts'), folder = dist } = options;
  const path = join(folder, archs[arch].output);
  const digest = inputsDigest(root, [...inputs.map((name) => join(root, name)), entry], [arch, archs[arch].nodeDigest]);
  const stamp = `binary-${arch}-${inputsDigest(root, [], [path]).slice(0, 8)}`;
  if (isFresh(stamp, digest, [path])) return { path, bytes: statSync(path).size, built: false };

  mkdirSync(folder, { recursive: true });
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, `binary-${arch}-`));
  try {
    const made = await buildExecutable({ arch, bundle: await bundle(entry, work), folder: work });
    if (arch === process.arch) await smokeTest(made);
    renameSync(made, path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  await updateSums(folder, [path]);
  markFresh(stamp, digest, [path]);
  return { path, bytes: statSync(path).size, built: true };
}
