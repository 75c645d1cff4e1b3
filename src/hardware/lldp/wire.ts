import type { Inventory } from '../inventory/index.ts';
import { isDigestible } from './digestible.ts';
import type { LldpHeard } from './listen.ts';
import type { Tlv } from './tlv.ts';

type WireTlv = [number, string];

const toWire = (tlvs: readonly Tlv[]): WireTlv[] =>
  tlvs.filter(isDigestible).map(([type, value]): WireTlv => [type, value]);

/** `lldp_raw` of the inspection report, less what would fail the inspection (inventory.md 5.1). */
export const lldpRaw = (heard: LldpHeard): Readonly<Record<string, WireTlv[]>> =>
  Object.fromEntries([...heard].map(([nic, tlvs]) => [nic, toWire(tlvs)]));

/** The inventory with what each interface heard (inventory.md 2.5): null where nothing could be received. */
export const withLldp = (inventory: Inventory, heard: LldpHeard): Inventory => ({
  ...inventory,
  interfaces: inventory.interfaces.map((nic) => {
    const tlvs = heard.get(nic.name);
    return { ...nic, lldp: tlvs === undefined ? null : toWire(tlvs) };
  }),
});
