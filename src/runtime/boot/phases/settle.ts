import { createVlans, initializeHardware, waitForRootDisk } from '../../../hardware/index.ts';
import { waitForNic } from '../../inspection/index.ts';
import type { Phase } from '../facts.ts';
import type { BootContext } from './context.ts';

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
