import { listNics } from '../../hardware/index.ts';
import type { InspectionContext } from './context.ts';

const NIC_POLL_MS = 5_000;
const NIC_WAIT_MS = 60_000;

/** Waits for a NIC with a MAC address; without one neither inspection nor lookup can name this machine. */
export async function waitForNic({ ports }: Pick<InspectionContext, 'ports'>, signal: AbortSignal): Promise<void> {
  const { clock, log } = ports;
  const deadline = clock.monotonic() + NIC_WAIT_MS;
  while ((await listNics(ports, signal)).length === 0) {
    if (clock.monotonic() >= deadline) {
      log.warn('settle.nic.absent', {
        waitedMs: NIC_WAIT_MS,
        hint: 'check that the ramdisk has the driver of the NIC',
      });
      return;
    }
    await clock.sleep(NIC_POLL_MS, signal);
  }
}
