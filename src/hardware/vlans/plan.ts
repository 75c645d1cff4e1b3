import { announcedVlans, type LldpHeard } from '../lldp/index.ts';

/** What the plan needs to know of an interface. */
export interface NicName {
  readonly name: string;
  /** In lower case. */
  readonly mac: string;
}

export interface Vlan {
  readonly nic: string;
  readonly name: string;
  readonly id: number;
}

export interface VlanPlan {
  readonly create: readonly Vlan[];
  /** Full sentences about items that do nothing. */
  readonly problems: readonly string[];
}

const LONGEST_NAME = 15;
const LARGEST_ID = 4094;

const isVlan = (name: string) => /\.\d+$/.test(name);

/** A VLAN has the address of its port: the port itself is meant. */
function findNic(wanted: string, nics: readonly NicName[]): NicName | undefined {
  const same = nics.filter(({ name, mac }) => name === wanted || mac === wanted.toLowerCase());
  return same.find(({ name }) => !isVlan(name)) ?? same[0];
}

const named = /^(.+)\.(\d+)$/;

/** The ports whose VLANs an item leaves to the switch, as `eth0` and `all` do; null when it names a VLAN itself. */
function portsOf(item: string, nics: readonly NicName[]): readonly NicName[] | null {
  if (item === 'all') return nics.filter(({ name }) => !isVlan(name));
  if (named.test(item)) return null;
  const nic = findNic(item, nics);
  return nic === undefined ? [] : [nic];
}

/** Names of the ports on which the switch must be heard before the plan can be made. */
export function announcingPorts(items: readonly string[], nics: readonly NicName[]): readonly string[] {
  const ports = items.flatMap((item) => portsOf(item, nics) ?? []);
  return [...new Set(ports.map(({ name }) => name))];
}

type Outcome = readonly (Vlan | string)[];

function vlanOf(nic: NicName, id: number, item: string): Vlan | string {
  if (id < 1 || id > LARGEST_ID) return `${item}: a VLAN id is a number from 1 to ${LARGEST_ID}, not ${id}`;
  const name = `${nic.name}.${id}`;
  if (name.length > LONGEST_NAME)
    return `${item}: ${name} has more than ${LONGEST_NAME} characters; boot with net.ifnames=0 for short names`;
  return { nic: nic.name, name, id };
}

/** Ids that the switch at this port announces; or why there are none. */
function announcedAt({ name }: NicName, heard: LldpHeard): readonly number[] | string {
  const tlvs = heard.get(name);
  if (tlvs === undefined) return `nothing can be received on ${name}`;
  if (tlvs.length === 0) return `${name} heard no LLDP frame within lldp_timeout`;
  const ids = announcedVlans(tlvs);
  return ids.length === 0 ? `the switch announces no VLAN by name on ${name}` : ids;
}

function announced(item: string, ports: readonly NicName[], heard: LldpHeard): Outcome {
  const found = ports.map((port) => ({ port, ids: announcedAt(port, heard) }));
  const vlans = found.flatMap(({ port, ids }) =>
    typeof ids === 'string' ? [] : ids.map((id) => vlanOf(port, id, item)),
  );
  if (vlans.length > 0) return vlans;
  return [`${item}: ${found.map(({ ids }) => ids).join('; ')}`];
}

function readItem(item: string, nics: readonly NicName[], heard: LldpHeard | null): Outcome {
  const ports = portsOf(item, nics);
  if (ports === null) {
    const [, wanted = '', digits = ''] = named.exec(item) ?? [];
    const nic = findNic(wanted, nics);
    return [nic === undefined ? `${item}: there is no interface ${wanted}` : vlanOf(nic, Number(digits), item)];
  }
  const [first] = ports;
  if (first === undefined) return [`${item}: there is no interface${item === 'all' ? '' : ` ${item}`}`];
  if (heard === null)
    return [`${item}: VLANs by LLDP need collect_lldp (ipa-collect-lldp=1); or name them, as in ${first.name}.100`];
  return announced(item, ports, heard);
}

/**
 * Items of `enable_vlan_interfaces` (inventory.md 2.5) against the interfaces there are and what they heard; `heard` is
 * null when nobody may listen. What exists is not made again.
 */
export function planVlans(items: readonly string[], nics: readonly NicName[], heard: LldpHeard | null): VlanPlan {
  const exists = (wanted: string) => nics.some(({ name }) => name === wanted);
  const create = new Map<string, Vlan>();
  const problems: string[] = [];
  for (const item of items.filter((name) => !(isVlan(name) && exists(name))))
    for (const found of readItem(item, nics, heard)) {
      if (typeof found === 'string') problems.push(found);
      else if (!exists(found.name)) create.set(found.name, found);
    }
  return { create: [...create.values()], problems };
}
