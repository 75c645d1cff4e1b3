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

const NO_LLDP = 'the VLANs of a port by LLDP are not in this release; name them, as in';

const isVlan = (name: string) => /\.\d+$/.test(name);

/** A VLAN has the address of its port: the port itself is meant. */
function findNic(wanted: string, nics: readonly NicName[]): NicName | undefined {
  const same = nics.filter(({ name, mac }) => name === wanted || mac === wanted.toLowerCase());
  return same.find(({ name }) => !isVlan(name)) ?? same[0];
}

function readItem(item: string, nics: readonly NicName[]): Vlan | string {
  const [, wanted = item, digits] = /^(.+)\.(\d+)$/.exec(item) ?? [];
  if (item === 'all') return `${item}: ${NO_LLDP} ${nics[0]?.name ?? 'eth0'}.100`;
  const nic = findNic(wanted, nics);
  if (nic === undefined) return `${item}: there is no interface ${wanted}`;
  if (digits === undefined) return `${item}: ${NO_LLDP} ${nic.name}.100`;
  const id = Number(digits);
  if (id < 1 || id > LARGEST_ID) return `${item}: a VLAN id is a number from 1 to ${LARGEST_ID}`;
  const name = `${nic.name}.${id}`;
  if (name.length > LONGEST_NAME)
    return `${item}: ${name} has more than ${LONGEST_NAME} characters; boot with net.ifnames=0 for short names`;
  return { nic: nic.name, name, id };
}

/** Items of `enable_vlan_interfaces` (inventory.md 2.5) against the interfaces there are; what exists is not made again. */
export function planVlans(items: readonly string[], nics: readonly NicName[]): VlanPlan {
  const create = new Map<string, Vlan>();
  const problems: string[] = [];
  for (const item of items) {
    if (isVlan(item) && nics.some(({ name }) => name === item)) continue;
    const found = readItem(item, nics);
    if (typeof found === 'string') problems.push(found);
    else if (!nics.some(({ name }) => name === found.name)) create.set(found.name, found);
  }
  return { create: [...create.values()], problems };
}
