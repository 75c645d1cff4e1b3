import { createVlans, listenForLldp, nicNames, waitForRootDisk } from '../../../hardware/index.ts';
import { waitForNic } from '../../inspection/index.ts';
import type { BootFacts, Phase } from '../facts.ts';
import type { BootContext } from './context.ts';
import { isInspectionDue } from './inspect.ts';

/** Hears the switches at these ports; at all of them when the inspection wants to know as well, so that it need not wait again. */
function listener(context: BootContext, facts: BootFacts, signal: AbortSignal) {
  const { ports, settings } = context;
  const { collectLldp, lldpTimeout } = settings.config();
  if (!collectLldp) return null;
  return async (wanted: readonly string[]) => {
    const nics = isInspectionDue(context, facts) ? await nicNames(ports) : wanted;
    return listenForLldp(ports, { nics, timeoutMs: lldpTimeout * 1000, isOurs: true }, signal);
  };
}

/** Start-up steps 8 to 10 of protocol.md 1.1: hardware managers, drivers, disks, NICs. Nothing here is fatal. */
export const settle = (context: BootContext): Phase => ({
  state: 'settling',
  waitsFor: 'disks, network interfaces and VLANs to appear',
  when: () => true,
  run: async (facts, signal) => {
    const { ports, settings } = context;
    const config = settings.config();
    await context.startManagers(signal);
    const disks = { attempts: config.diskWaitAttempts, delayMs: config.diskWaitDelay * 1000 };
    await waitForRootDisk(ports, null, { ...disks, parity: config.defaultRootDiskParity }, signal);
    if (config.hardwareInitializationDelay > 0)
      await ports.clock.sleep(config.hardwareInitializationDelay * 1000, signal);
    await waitForNic(context, signal);
    const wish = { items: config.enableVlanInterfaces, listen: listener(context, facts, signal) };
    const heard = await createVlans(ports, wish, signal);
    return heard === null ? facts : { ...facts, heard };
  },
});
