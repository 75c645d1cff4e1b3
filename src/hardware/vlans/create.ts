import { reasonOf } from '../../core/index.ts';
import { ipLinkAddVlan, ipLinkUp } from '../../system/index.ts';
import { listNics } from '../inventory/index.ts';
import type { LldpHeard } from '../lldp/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { announcingPorts, planVlans, type Vlan } from './plan.ts';

type VlanPorts = Pick<HardwarePorts, 'tools' | 'files' | 'log'>;

async function createVlan({ tools, files, log }: VlanPorts, vlan: Vlan, signal: AbortSignal): Promise<void> {
  try {
    await tools.run(ipLinkAddVlan, vlan, signal).catch(async (error: unknown) => {
      // Somebody else made it meanwhile: as good.
      if ((await files.kind(`/sys/class/net/${vlan.name}`)) === null) throw error;
    });
    // A VLAN cannot be up on a port that is down, and early in the boot the port may still be.
    await tools.run(ipLinkUp, { nic: vlan.nic }, signal);
    await tools.run(ipLinkUp, { nic: vlan.name }, signal);
    log.info('vlan.created', { ...vlan });
  } catch (error) {
    signal.throwIfAborted();
    log.warn('vlan.failed', { ...vlan, reason: reasonOf(error) });
  }
}

/** Nothing is heard on a port that is down, and early in the boot it may still be. */
async function raise({ tools, log }: VlanPorts, nics: readonly string[], signal: AbortSignal): Promise<void> {
  for (const nic of nics)
    await tools.run(ipLinkUp, { nic }, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      log.warn('vlan.port.down', { nic, reason: reasonOf(error) });
    });
}

export interface VlanWish {
  /** Items of `enable_vlan_interfaces`. */
  readonly items: readonly string[];
  /** Listens on at least these ports; null when `collect_lldp` does not allow it. */
  readonly listen: ((nics: readonly string[]) => Promise<LldpHeard>) | null;
}

/**
 * Creates the VLAN interfaces that the items name, or that the switch does, before anything is collected. What cannot
 * be done is a warning.
 * @returns what was heard on the way; null when nobody listened
 */
export async function createVlans(
  ports: VlanPorts,
  { items, listen }: VlanWish,
  signal: AbortSignal,
): Promise<LldpHeard | null> {
  if (items.length === 0) return null;
  const nics = await listNics(ports, signal);
  const announcing = announcingPorts(items, nics);
  const isHeard = listen !== null && announcing.length > 0;
  if (isHeard) await raise(ports, announcing, signal);
  const heard = isHeard ? await listen(announcing) : null;
  const { create, problems } = planVlans(items, nics, heard);
  for (const problem of problems) ports.log.warn('vlan.refused', { problem });
  for (const vlan of create) await createVlan(ports, vlan, signal);
  return heard;
}
