import type { Inventory } from '../inventory/index.ts';
import type { LldpHeard } from './listen.ts';

/** The inventory with what each interface heard (inventory.md 2.5): null where nothing could be received. */
export const withLldp = (inventory: Inventory, heard: LldpHeard): Inventory => ({
  ...inventory,
  interfaces: inventory.interfaces.map((nic) => ({
    ...nic,
    lldp: heard.get(nic.name)?.map(([type, value]): [number, string] => [type, value]) ?? null,
  })),
});
