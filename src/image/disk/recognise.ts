import { DeploymentFailed } from '../../core/index.ts';
import { wipefsList } from '../../system/index.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';

/**
 * Sees that the written disk holds a partition table or a file system (imaging 1.6, step 4): its digest was right, so
 * an image without either is not the image of a disk.
 * @throws DeploymentError
 */
export async function assertRecognisable(
  { tools, log }: Pick<ImagePorts, 'tools' | 'log'>,
  { path, logicalSectorBytes }: TargetDisk,
  signal: AbortSignal,
): Promise<void> {
  const found = await tools.run(wipefsList, { device: path }, signal);
  log.info('image.content', { disk: path, signatures: found.map(({ type }) => type) });
  if (found.length === 0)
    throw DeploymentFailed(`${path} shows neither a partition table nor a file system after the image was written`, {
      hint: `the image is no whole-disk image, is compressed, or was built for sectors other than ${logicalSectorBytes} bytes`,
    });
}
