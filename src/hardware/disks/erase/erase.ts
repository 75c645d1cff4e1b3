import { type Node, reasonOf, type Tell } from '../../../core/index.ts';
import { BlockDeviceEraseFailed } from '../../errors.ts';
import { mapLimited } from '../../parallel.ts';
import type { HardwarePorts } from '../../ports.ts';
import { waitUntilFree } from '../busy.ts';
import { listDisks } from '../list.ts';
import { describeRelease, type ReleaseAct, release } from '../release.ts';
import { warnAboutSkipList } from '../root/index.ts';
import { describeErase, performErase } from './acts.ts';
import { gatherFacts } from './facts.ts';
import {
  type DevicePlan,
  type DiskPlan,
  type EraseSettings,
  type MetadataErasePlan,
  planMetadataErase,
} from './plan.ts';

export interface EraseReport {
  readonly erased: readonly string[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

const AT_ONCE = 8;
const FREE = { waitMs: 1000, retries: 20 };

/**
 * Removes partition tables and signatures from every disk and partition that no guard protects (steps 3.11).
 * @throws BlockDeviceEraseError with `device: reason` per failed device, after all others are done
 * @throws ProtectedDeviceError before anything was written
 */
export async function eraseMetadata(
  ports: HardwarePorts,
  node: Node | null,
  settings: EraseSettings,
  tell: Tell,
  signal?: AbortSignal,
): Promise<EraseReport> {
  const disks = await listDisks(ports, signal);
  warnAboutSkipList(ports.log, node, disks);
  const facts = await gatherFacts(ports, disks, signal);
  const plan = planMetadataErase(facts, node, settings);
  ports.log.info('disk.erase.plan', { plan: formatErasePlan(plan) });
  const failures = await act(ports, plan, tell, signal);
  if (failures.length > 0) throw BlockDeviceEraseFailed(failures.join('; '));
  return reportOf(plan);
}

function reportOf(plan: MetadataErasePlan): EraseReport {
  const devices = plan.disks.flatMap((disk) => disk.devices);
  return {
    erased: devices.flatMap((d) => (d.verdict === 'erase' ? [d.path] : [])),
    skipped: devices.flatMap((d) => (d.verdict === 'skip' ? [{ path: d.path, reason: d.reason }] : [])),
  };
}

async function act(
  ports: HardwarePorts,
  plan: MetadataErasePlan,
  tell: Tell,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const released = new Set<string>();
  const total = plan.disks.length;
  let done = 0;
  const ready: { readonly disk: DiskPlan; readonly problem: string | null }[] = [];
  // One after the other: a volume group may span several disks.
  for (const disk of plan.disks) ready.push({ disk, problem: await releaseAll(ports, disk.release, released, signal) });
  const failures = await mapLimited(ready, AT_ONCE, async ({ disk, problem }) => {
    const reasons = problem === null ? await eraseDisk(ports, disk, signal) : [`"${disk.path}": ${problem}`];
    done += 1;
    tell({ phase: 'erase-metadata', done, total, unit: 'items', on: disk.path });
    return reasons;
  });
  return failures.flat();
}

/** The reason why a holder could not be stopped, or null. */
async function releaseAll(
  ports: HardwarePorts,
  acts: readonly ReleaseAct[],
  released: Set<string>,
  signal?: AbortSignal,
): Promise<string | null> {
  for (const one of acts) {
    const key = describeRelease(one);
    if (released.has(key)) continue;
    try {
      await release(ports, one, signal);
      released.add(key);
    } catch (error) {
      signal?.throwIfAborted();
      return reasonOf(error);
    }
  }
  return null;
}

async function eraseDisk(ports: HardwarePorts, disk: DiskPlan, signal?: AbortSignal): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const device of disk.devices) {
    const reason = await eraseDevice(ports, device, signal);
    if (reason !== null) failures.push(`"${device.path}": ${reason}`);
  }
  return failures;
}

async function eraseDevice(ports: HardwarePorts, device: DevicePlan, signal?: AbortSignal): Promise<string | null> {
  if (device.verdict === 'fail') return device.reason;
  if (device.verdict === 'skip') {
    ports.log.info('disk.erase.skip', { device: device.path, reason: device.reason });
    return null;
  }
  const started = ports.clock.monotonic();
  try {
    for (const one of device.acts) await performErase(ports, one, signal);
    await waitUntilFree(ports, device.path, FREE, signal);
  } catch (error) {
    signal?.throwIfAborted();
    return reasonOf(error);
  }
  ports.log.info('disk.erase.done', { device: device.path, ms: Math.round(ports.clock.monotonic() - started) });
  return null;
}

/** The plan as text, one device per line: a dry run. */
export function formatErasePlan(plan: MetadataErasePlan): string {
  const lines = plan.disks.flatMap((disk) => [
    ...disk.release.map((one) => `${disk.path}: ${describeRelease(one)}`),
    ...disk.devices.map((device) =>
      device.verdict === 'erase'
        ? `${device.path}: erase (${device.acts.map(describeErase).join(', ')})`
        : `${device.path}: ${device.verdict}: ${device.reason}`,
    ),
  ]);
  return lines.join('\n');
}

/** What `eraseMetadata` would do to this machine now; changes nothing. Throws like the plan. */
export async function surveyMetadataErase(
  ports: HardwarePorts,
  node: Node | null,
  settings: EraseSettings,
  signal?: AbortSignal,
): Promise<MetadataErasePlan> {
  return planMetadataErase(await gatherFacts(ports, await listDisks(ports, signal), signal), node, settings);
}
