import { reasonOf } from '../../core/index.ts';
import { ipLinkAddVlan, ipLinkUp } from '../../system/index.ts';
import { listNics } from '../inventory/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { planVlans, type Vlan } from './plan.ts';

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

/** Creates the VLAN interfaces that `items` name, before anything is collected. What cannot be done is a warning. */
export async function createVlans(ports: VlanPorts, items: readonly string[], signal: AbortSignal): Promise<void> {
  if (items.length === 0) return;
  const { create, problems } = planVlans(items, await listNics(ports, signal));
  for (const problem of problems) ports.log.warn('vlan.refused', { problem });
  for (const vlan of create) await createVlan(ports, vlan, signal);
}
