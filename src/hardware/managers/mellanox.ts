import { MELLANOX } from '../inventory/index.ts';
import { type ManagerFacts, SUPPORT } from './manager.ts';

/**
 * Servers with a network card of Mellanox, Ethernet or InfiniBand (inventory 1.4). What it knows of InfiniBand ports is
 * in the inventory; it offers no steps, but conductors compare the names and versions of all managers.
 */
export const mellanoxManager: ManagerFacts = {
  name: 'MellanoxDeviceHardwareManager',
  className: 'MellanoxDeviceHardwareManager',
  version: '1',
  evaluate: async ({ files }) => {
    const nics = await files.list('/sys/class/net');
    const vendors = await Promise.all(nics.map((nic) => files.textOrNull(`/sys/class/net/${nic}/device/vendor`)));
    return vendors.includes(MELLANOX) ? SUPPORT.mainline : SUPPORT.none;
  },
};
