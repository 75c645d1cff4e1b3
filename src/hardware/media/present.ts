import { join } from 'node:path';
import type { Files } from '../../system/index.ts';

/**
 * Whether a folder has an entry. A folder that cannot be read is an error, not an empty one; FAT finds names in any case.
 */
export async function isPresent(files: Files, folder: string, name: string): Promise<boolean> {
  return (await files.names(folder)).includes(name) || (await files.kind(join(folder, name))) !== null;
}
