import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** An ISO 9660 file system labelled config-2 with these files, made by xorriso. */
export function configDriveIso(files: Readonly<Record<string, string>>): Buffer {
  const work = mkdtempSync(join(tmpdir(), 'config-drive-iso-'));
  const [tree, iso] = [join(work, 'tree'), join(work, 'd.iso')];
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    execFileSync('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-J', '-V', 'config-2', '-o', iso, tree]);
    return readFileSync(iso);
  } finally {
    rmSync(work, { recursive: true });
  }
}
