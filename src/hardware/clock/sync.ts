import { reasonOf } from '../../core/index.ts';
import { chronycShutdown, chronydHelp, chronydOnce, ntpdateOnce, ntpdateVersion } from '../../system/index.ts';
import { ClockSyncFailed } from '../errors.ts';
import type { HardwarePorts } from '../ports.ts';

type Ports = Pick<HardwarePorts, 'tools' | 'log'>;

async function works(work: Promise<unknown>, signal?: AbortSignal): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

/** chrony where it is, else ntpdate (protocol.md 1.5). */
async function setBy({ tools }: Ports, server: string, signal?: AbortSignal): Promise<'chrony' | 'ntpdate'> {
  if (await works(tools.run(chronydHelp, undefined, signal), signal)) {
    await tools.run(chronycShutdown, undefined, signal);
    await tools.run(chronydOnce, { server }, signal);
    return 'chrony';
  }
  if (await works(tools.run(ntpdateVersion, undefined, signal), signal)) {
    await tools.run(ntpdateOnce, { server }, signal);
    return 'ntpdate';
  }
  throw ClockSyncFailed('neither chrony nor ntpdate is installed', { hint: 'the ramdisk needs package chrony' });
}

/**
 * Sets the system clock by one time server; does nothing without one.
 * @param server IP address or host name. @throws ClockSyncFailed
 */
export async function syncClock(ports: Ports, server: string | null, signal?: AbortSignal): Promise<void> {
  if (server === null) return;
  try {
    ports.log.info('clock.synced', { server, by: await setBy(ports, server, signal) });
  } catch (error) {
    signal?.throwIfAborted();
    if (ClockSyncFailed.is(error)) throw error;
    throw ClockSyncFailed(`the clock could not be set by ${server}: ${reasonOf(error)}`, {
      cause: error,
      hint: 'check that UDP port 123 of the time server is reachable from the provisioning network',
    });
  }
}
