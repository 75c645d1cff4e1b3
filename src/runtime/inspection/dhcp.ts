import { normalizeBootif } from '../../config/index.ts';
import { listNics, type Nic } from '../../hardware/index.ts';
import type { InspectionContext } from './context.ts';

const POLL_MS = 2_000;

/** NICs whose address the inventory waits for: the boot NIC, or all of them (inventory.md 4.4). */
export function watchedNics(nics: readonly Nic[], bootif: string | null, all: boolean): readonly Nic[] {
  if (all) return nics;
  const mac = bootif === null ? null : normalizeBootif(bootif);
  return nics.filter((nic) => nic.mac === mac);
}

/** Waits until every watched NIC has an address, bounded; a timeout is a warning. */
export async function waitForAddresses(
  { ports, settings, bootif }: InspectionContext,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = ports;
  const config = settings.config();
  const all = config.inspectionDhcpAllInterfaces;
  if (config.inspectionDhcpWaitTimeout === 0) return;
  if (bootif === null && !all) return log.info('inspect.dhcp.skipped', { why: 'no BOOTIF on the kernel line' });
  const deadline = clock.monotonic() + config.inspectionDhcpWaitTimeout * 1000;
  for (;;) {
    const missing = watchedNics(await listNics(ports, signal), bootif, all).filter(
      (nic) => nic.ipv4 === null && (nic.ipv6 === null || nic.ipv6.startsWith('fe80')),
    );
    if (missing.length === 0) return;
    if (clock.monotonic() >= deadline)
      return log.warn('inspect.dhcp.timeout', { withoutAddress: missing.map((nic) => nic.name) });
    await clock.sleep(POLL_MS, signal);
  }
}
