import { reasonOf } from '../../core/index.ts';
import { DeviceNotFound } from '../../hardware/index.ts';
import { blkidContents, withMounted, withTree } from '../../system/index.ts';
import type { ImagePorts } from '../ports.ts';
import { chooseCandidate, isMountable, listCandidates, type Target, targetOf } from './choose.ts';
import type { InjectedFile } from './entries.ts';
import { type Batch, firstFolder, planBatches } from './plan.ts';
import { type Candidate, surveyRootDisk } from './survey.ts';

/** A device that the operator named. @throws DeviceNotFound */
async function namedDevice(ports: ImagePorts, device: string, signal: AbortSignal): Promise<Target> {
  const real = await ports.files.real(device);
  if (real === null || (await ports.files.kind(real)) !== 'block')
    throw DeviceNotFound(`there is no block device ${device}`);
  const { type } = await ports.tools.run(blkidContents, { device: real }, signal);
  return targetOf({ device: real, type });
}

/** Mounts one candidate after the other, read-only, until each folder was found in one; the first that has it counts. */
async function findFolders(
  ports: ImagePorts,
  targets: readonly Target[],
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, ReadonlySet<string>>();
  const open = new Set(wanted);
  for (const target of targets) {
    if (open.size === 0) break;
    const look = (root: string) =>
      withTree(ports, root, async (tree) => {
        const here = new Set<string>();
        for (const name of open) if (await tree.isFolder(name)) here.add(name);
        return here;
      });
    try {
      const here = await withMounted(ports, { ...target, access: 'read' }, look, signal);
      found.set(target.device, here);
      for (const name of here) open.delete(name);
    } catch (error) {
      signal.throwIfAborted();
      ports.log.warn('inject.look.failed', { device: target.device, reason: reasonOf(error) });
    }
  }
  return found;
}

interface Wanted {
  readonly files: readonly InjectedFile[];
  readonly disk: string | null;
}

async function namedTargets(
  ports: ImagePorts,
  { files, disk }: Wanted,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<ReadonlyMap<InjectedFile, Target>> {
  const named = new Map<InjectedFile, Target>();
  for (const file of files) {
    const { partition } = file;
    if (partition.by === 'device') named.set(file, await namedDevice(ports, partition.device, signal));
    else if (partition.by !== 'folder')
      named.set(file, targetOf(chooseCandidate(partition, disk ?? 'the root disk', candidates)));
  }
  return named;
}

/** Which file goes onto which device; nothing is written. @throws DeviceNotFound, CommandExecutionError */
export async function locate(ports: ImagePorts, wanted: Wanted, signal: AbortSignal): Promise<readonly Batch[]> {
  const { files, disk } = wanted;
  const candidates = disk === null ? [] : await surveyRootDisk(ports, disk, signal);
  const named = await namedTargets(ports, wanted, candidates, signal);
  const targets = candidates.filter(isMountable).map(targetOf);
  const folders = new Set(files.filter((file) => !named.has(file)).map(firstFolder));
  const batches = planBatches(files, {
    named: (file) => named.get(file) ?? null,
    targets,
    folders: await findFolders(ports, targets, folders, signal),
    looked: listCandidates(candidates),
  });
  ports.log.info('inject.plan', {
    batches: batches.map(({ target, files: some }) => ({ ...target, files: some.map(({ path }) => path) })),
  });
  return batches;
}
