import { type ManagerFacts, SUPPORT } from './manager.ts';

/**
 * Servers with an Intel X710 card (inventory 1.4). It offers no steps, but conductors compare the names and versions of
 * all managers. What it does for LLDP in the reference happens here whenever somebody listens.
 */
export const intelCnaManager: ManagerFacts = {
  name: 'IntelCnaHardwareManager',
  className: 'IntelCnaHardwareManager',
  version: '1.0',
  evaluate: async ({ files }) => {
    const nics = await files.list('/sys/class/net');
    const drivers = await Promise.all(nics.map((nic) => files.link(`/sys/class/net/${nic}/device/driver`)));
    return drivers.some((driver) => driver?.split('/').at(-1) === 'i40e') ? SUPPORT.mainline : SUPPORT.none;
  },
};
