import type { Tell } from '../../core/index.ts';
import type { Disk } from '../../hardware/index.ts';
import type { ImagePlan } from '../plan/index.ts';
import type { ImagePorts, ImageReport } from '../ports.ts';
import { writeImage } from '../write/index.ts';
import type { PartitionDevice } from './devices.ts';
import { type Identity, identifyPartitions } from './identify.ts';
import { type MakeSettings, makePartitions } from './make.ts';
import { type PartitionPlan, rootTarget } from './plan.ts';

export interface PartitionOrder {
  readonly image: ImagePlan;
  readonly partitions: PartitionPlan;
  readonly settings: MakeSettings;
  /** Runs after the pre-flight, right before anything is changed. */
  readonly onBegin: () => void;
}

export interface PartitionReport extends Identity {
  readonly image: ImageReport;
}

/**
 * Deploys a partition image (imaging 4): when the image has passed its pre-flight the partitions are made, then it is
 * poured into the root partition in one pass. Until its digest is verified that partition shows no file system.
 * @throws the errors of `makePartitions` and `writeImage`
 */
export async function writePartitionImage(
  ports: ImagePorts,
  disk: Disk,
  { image, partitions, settings, onBegin }: PartitionOrder,
  tell: Tell,
  signal: AbortSignal,
): Promise<PartitionReport> {
  const made: { devices: readonly PartitionDevice[] } = { devices: [] };
  const beforeFirstWrite = async () => {
    onBegin();
    const { root, devices } = await makePartitions(ports, disk, { plan: partitions, settings }, tell, signal);
    made.devices = devices;
    return root;
  };
  const report = await writeImage(ports, image, rootTarget(partitions), { beforeFirstWrite }, tell, signal);
  return { image: report, ...(await identifyPartitions(ports, partitions, made.devices, signal)) };
}
