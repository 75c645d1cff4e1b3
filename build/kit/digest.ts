import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

/** SHA-256 of a file, in hexadecimal, read in pieces. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece);
  return hash.digest('hex');
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/**
 * One digest over names, modes and contents of files and whole folders, and over further words. Names are taken
 * relative to `base`, so that two checkouts agree.
 */
export function inputsDigest(base: string, paths: readonly string[], words: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`${word}\0`);
  for (const file of paths.flatMap(filesBelow)) {
    const executable = (statSync(file).mode & 0o100) !== 0;
    hash.update(`${relative(base, file)}\0${executable}\0`);
    hash.update(createHash('sha256').update(readFileSync(file)).digest());
  }
  return hash.digest('hex');
}

/** Writes a small file so that a reader sees the old or the new one, never half of it. */
export function writeWhole(path: string, text: string): void {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, path);
}

/** Brings the lines of `files` in `<folder>/SHA256SUMS` up to date and drops those of files that are gone. */
export async function updateSums(folder: string, files: readonly string[]): Promise<void> {
  const path = join(folder, 'SHA256SUMS');
  const old = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const sums = new Map(old.filter((line) => line !== '').map((line) => [line.slice(66), line.slice(0, 64)]));
  for (const file of files) sums.set(basename(file), await fileDigest(file));
  const kept = [...sums].filter(([name]) => existsSync(join(folder, name))).sort(([a], [b]) => (a < b ? -1 : 1));
  writeWhole(path, kept.map(([name, sum]) => `${sum}  ${name}\n`).join(''));
}
