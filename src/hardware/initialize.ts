import { reasonOf } from '../core/index.ts';
import { modprobe, udevadmSettle } from '../system/index.ts';
import type { HardwarePorts } from './ports.ts';

/** The in-band way to the BMC; servers without one refuse the last module, and that is fine (inventory 1.5). */
const BMC_MODULES = ['ipmi_msghandler', 'ipmi_devintf', 'ipmi_si'];

async function attempt(
  ports: HardwarePorts,
  what: string,
  work: Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    signal?.throwIfAborted();
    ports.log.info('hardware.initialize.skipped', { what, reason: reasonOf(error) });
  }
}

/** Makes devices appear that need a nudge, before anything is listed. Never fails. */
export async function initializeHardware(ports: HardwarePorts, signal?: AbortSignal): Promise<void> {
  for (const module of BMC_MODULES)
    await attempt(ports, `modprobe ${module}`, ports.tools.run(modprobe, { module }, signal), signal);
  await attempt(ports, 'udevadm settle', ports.tools.run(udevadmSettle, undefined, signal), signal);
}
