import { DeploymentFailed, reasonOf } from '../../core/index.ts';
import { fuserPids } from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';

export interface FreeSettings {
  /** Milliseconds between two looks. */
  readonly waitMs: number;
  /** Looks in all. */
  readonly retries: number;
}

/**
 * Waits until no process has the device open; udev probes it for a moment after every write.
 * @throws DeploymentError naming the processes
 */
export async function waitUntilFree(
  ports: Pick<HardwarePorts, 'tools' | 'clock' | 'files' | 'log'>,
  device: string,
  { waitMs, retries }: FreeSettings,
  signal?: AbortSignal,
): Promise<void> {
  let users: readonly number[] = [];
  for (let look = 1; look <= retries; look += 1) {
    users = await usersOf(ports, device, signal);
    if (users.length === 0) return;
    if (look < retries) await ports.clock.sleep(waitMs, signal);
  }
  const named = await Promise.all(
    users.map(async (pid) => `${pid} (${(await ports.files.textOrNull(`/proc/${pid}/comm`)) ?? 'gone'})`),
  );
  if (named.length > 0) throw DeploymentFailed(`${device} is still in use by process ${named.join(', ')}`);
}

/** A ramdisk without fuser cannot look; the kernel still refuses claimed devices at the next exclusive open. */
async function usersOf(
  { tools, log }: Pick<HardwarePorts, 'tools' | 'log'>,
  device: string,
  signal?: AbortSignal,
): Promise<readonly number[]> {
  return tools.run(fuserPids, { device }, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    log.warn('disk.users.unknown', { device, reason: reasonOf(error) });
    return [];
  });
}
