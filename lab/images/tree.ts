import { chmod, lutimes, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface TreeFile {
  readonly path: string;
  readonly data: Uint8Array | string;
  readonly executable?: boolean;
}

export async function writeTree(root: string, files: readonly TreeFile[]): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const file of files) {
    const path = join(root, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.data);
    await chmod(path, file.executable === true ? 0o755 : 0o644);
  }
}

/** Gives everything below `directory` the same access and modification time. */
export async function setTimes(directory: string, epochSeconds: number): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await setTimes(path, epochSeconds);
    else await lutimes(path, epochSeconds, epochSeconds);
  }
  await lutimes(directory, epochSeconds, epochSeconds);
}
