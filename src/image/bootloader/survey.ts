import { join } from 'node:path';
import type { Files } from '../../system/index.ts';
import { type EfiArch, type EspContent, isBootCsv } from './loaders.ts';
import { readEfiProgram } from './pe.ts';

const MACHINES: Readonly<Record<EfiArch, number>> = { x64: 0x8664, aa64: 0xaa64 };
const MAX_DEPTH = 8;

async function filesBelow(files: Files, root: string, inside: string, depth = 0): Promise<readonly string[]> {
  if (depth > MAX_DEPTH) return [];
  const names = await files.list(join(root, inside));
  const found = await Promise.all(
    names.map(async (name) => {
      const path = inside === '' ? name : `${inside}/${name}`;
      const kind = await files.kind(join(root, path));
      if (kind === 'dir') return filesBelow(files, root, path, depth + 1);
      return kind === 'file' ? [path] : [];
    }),
  );
  return found.flat();
}

export interface Survey extends EspContent {
  /** Programs without a signature. */
  readonly unsigned: readonly string[];
}

/** Reads what can be started from a mounted ESP. A file with the right name and other content does not count. */
export async function surveyEsp(files: Files, root: string, arch: EfiArch): Promise<Survey> {
  const paths = await filesBelow(files, root, '');
  const programs: string[] = [];
  const unsigned: string[] = [];
  for (const path of paths.filter((name) => /\.efi$/i.test(name))) {
    const program = readEfiProgram(await files.bytes(join(root, path)));
    if (program === null || program.machine !== MACHINES[arch]) continue;
    programs.push(path);
    if (!program.signed) unsigned.push(path);
  }
  const csvs = await Promise.all(
    paths
      .filter((path) => isBootCsv(path, arch))
      .map(async (path) => ({ path, bytes: await files.bytes(join(root, path)) })),
  );
  return { programs, unsigned, csvs };
}

const SECURE_BOOT = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** The variable is four bytes of attributes and one byte of value. */
export async function isSecureBoot(files: Files): Promise<boolean> {
  if ((await files.kind(SECURE_BOOT)) === null) return false;
  return (await files.bytes(SECURE_BOOT))[4] === 1;
}
