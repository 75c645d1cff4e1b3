import { createVlans, initializeHardware, listNics, waitForRootDisk } from '../../../hardware/index.ts';
import type { Phase } from '../facts.ts';
import type { BootContext } from './context.ts';

const NIC_POLL_MS = 5_000;
const NIC_WAIT_MS = 60_000;

/** Waits for a NIC with a MAC address; without one neither inspection nor lookup can name this machine. */
async function waitForNic({ ports }: BootContext, signal: AbortSignal): Promise<void> {
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

/** Start-up steps 8 to 10 of protocol.md 1.1: drivers, disks, NICs. Nothing here is fatal. */
export const settle = (context: BootContext): Phase => ({
  state: 'settling',
  waitsFor: 'disks and network interfaces to appear',
  when: () => true,
  run: async (facts, signal) => {
    const { ports, settings } = context;
    const config = settings.config();
    await initializeHardware(ports, signal);
    const disks = { attempts: config.diskWaitAttempts, delayMs: config.diskWaitDelay * 1000 };
    await waitForRootDisk(ports, null, { ...disks, parity: config.defaultRootDiskParity }, signal);
    if (config.hardwareInitializationDelay > 0)
      await ports.clock.sleep(config.hardwareInitializationDelay * 1000, signal);
    await waitForNic(context, signal);
    await createVlans(ports, config.enableVlanInterfaces, signal);
    return facts;
  },
});
