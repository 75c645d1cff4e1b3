import { DeploymentFailed } from '../../core/index.ts';
import { partxTypes, wipefsList } from '../../system/index.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';

/** Signatures that promise partitions and nothing else. */
const TABLES: readonly string[] = ['gpt', 'PMBR', 'dos'];

/**
 * Sees that the written disk holds partitions or a file system (imaging 1.6, step 4): its digest was right, so an image
 * without either is not the image of a disk.
 * @throws DeploymentError
 */
export async function assertRecognisable(
  { tools, log }: Pick<ImagePorts, 'tools' | 'log'>,
  { path, logicalSectorBytes }: TargetDisk,
  signal: AbortSignal,
): Promise<void> {
  const found = await tools.run(wipefsList, { device: path }, signal);
  log.info('image.content', { disk: path, signatures: found.map(({ type }) => type) });
  const refused = (what: string) =>
    DeploymentFailed(`${what} after the image was written`, {
      hint: `the image is no whole-disk image, is compressed, or was built for sectors other than ${logicalSectorBytes} bytes`,
    });
  if (found.length === 0) throw refused(`${path} shows neither a partition table nor a file system`);
  if (found.some(({ type }) => !TABLES.includes(type))) return;
  const partitions = await tools.run(partxTypes, { device: path }, signal);
  if (partitions.length === 0) throw refused(`the partition table of ${path} has no partition`);
}
