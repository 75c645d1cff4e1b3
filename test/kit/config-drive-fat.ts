import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A FAT labelled config-2 with these files, of 8 MiB or as said, made by mkfs.vfat and mtools. */
export function configDriveFat(
  files: Readonly<Record<string, string>>,
  { bytes = 8 * 2 ** 20, flags = [] }: { readonly bytes?: number; readonly flags?: readonly string[] } = {},
): Buffer {
  const work = mkdtempSync(join(tmpdir(), 'config-drive-fat-'));
  const [tree, fat] = [join(work, 'tree'), join(work, 'd.fat')];
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    writeFileSync(fat, '');
    truncateSync(fat, bytes);
    execFileSync('mkfs.vfat', [...flags, '-n', 'config-2', fat], { stdio: ['ignore', 'pipe', 'pipe'] });
    const top = [...new Set(Object.keys(files).map((path) => path.split('/', 1)[0] ?? ''))];
    execFileSync('mcopy', ['-s', '-i', fat, ...top.map((name) => join(tree, name)), '::']);
    return readFileSync(fat);
  } finally {
    rmSync(work, { recursive: true });
  }
}
