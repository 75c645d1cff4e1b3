import { basename } from 'node:path';
import { cpInto, type Files, insideRoot, withMounted } from '../../../system/index.ts';
import type { ImageRoot } from './image-root.ts';
import { ESP_ON } from './plan.ts';

/** Configuration of GRUB that Red Hat's signed boot loader looks for beside itself. */
const COMPANIONS = ['/boot/grub2/grub.cfg', '/boot/grub2/grubenv'] as const;

/** FAT names have no case. */
async function vendorFolders(files: Files, efi: string): Promise<readonly string[]> {
  const names = (await files.list(efi)).filter((name) => name.toLowerCase() !== 'boot');
  const kinds = await Promise.all(names.map((name) => files.kind(`${efi}/${name}`)));
  return names.filter((_name, at) => kinds[at] === 'dir');
}

/** The file, when it is a regular one and no link. */
async function regular({ inside: { files }, at }: ImageRoot, path: string): Promise<string | null> {
  const found = await insideRoot(files, at, path);
  return found !== null && (await files.kind(found)) === 'file' ? found : null;
}

async function copyCompanions(root: ImageRoot, esp: string, signal: AbortSignal): Promise<void> {
  const { tools, files } = root.inside;
  for (const vendor of await vendorFolders(files, `${esp}/EFI`)) {
    const into = `${esp}/EFI/${vendor}`;
    const there = (await files.list(into)).map((name) => name.toLowerCase());
    for (const companion of COMPANIONS) {
      const from = there.includes(basename(companion)) ? null : await regular(root, companion);
      if (from !== null) await tools.run(cpInto, { from, into }, signal);
    }
  }
}

/** The boot files that the image keeps for an ESP (`/boot/efi/EFI`); null when it has none. */
export async function efiTree({ inside: { files }, at }: ImageRoot): Promise<string | null> {
  const found = await insideRoot(files, at, `${ESP_ON}/EFI`);
  return found !== null && (await files.kind(found)) === 'dir' ? found : null;
}

/**
 * Copies the image's own boot files to the ESP as they are: what its vendor signed stays signed, so it starts under
 * Secure Boot, which no newly made boot loader does (imaging 6.4, 3).
 * @throws ToolFailed
 */
export async function copyEfiTree(root: ImageRoot, tree: string, device: string, signal: AbortSignal): Promise<void> {
  const { inside } = root;
  const copy = async (esp: string) => {
    await inside.tools.run(cpInto, { from: tree, into: esp }, signal);
    await copyCompanions(root, esp, signal);
  };
  await withMounted(inside, { device, type: 'vfat', access: 'write' }, copy, signal);
}
