import { defineCollector, reasonOf } from '../../../core/index.ts';
import { ipmitoolLan, ipmitoolSensors } from '../../../system/index.ts';
import { bmcChannels, hasIpmi } from '../../inventory/index.ts';
import type { HardwarePorts } from '../../ports.ts';
import { type Item, Items, itemsOf } from '../item.ts';

/** A controller that hangs must not cost its sensors, too. */
const LAN_MS = 20_000;
/** A password in all but name. */
const SECRET = 'snmp-community-string';

/** Settings of the first channel that is a LAN. */
async function lanOf({ tools }: HardwarePorts, signal: AbortSignal): Promise<readonly Item[]> {
  for (const channel of bmcChannels) {
    const lan = await tools.run(ipmitoolLan, { channel }, signal);
    if (!lan.has('IP Address')) continue;
    const fields = [...lan].map(([label, value]) => [label.toLowerCase().replaceAll(' ', '-'), value] as const);
    return [
      ...itemsOf('system', 'ipmi', { channel: String(channel) }),
      ...itemsOf('ipmi', 'lan', Object.fromEntries(fields.filter(([label]) => label !== SECRET))),
    ];
  }
  return [];
}

async function sensorsOf({ tools }: HardwarePorts, signal: AbortSignal): Promise<readonly Item[]> {
  const sensors = await tools.run(ipmitoolSensors, undefined, signal);
  return sensors.flatMap(({ name, value, unit }) => itemsOf('ipmi', name, { value, unit }));
}

/** Group `ipmi`, empty without a BMC. One question after the other: most controllers answer one at a time. */
export const ipmi = defineCollector({
  name: 'ipmi',
  doc: 'LAN settings and sensors of the BMC.',
  budgetMs: 90_000,
  schema: Items,
  fallback: [],
  async collect(ports: HardwarePorts, signal, note) {
    if (!(await hasIpmi(ports.files))) return [];
    const orNone = (what: string) => (error: unknown) => {
      signal.throwIfAborted();
      note(`${what} unknown: ${reasonOf(error)}`);
      return [];
    };
    const lan = await lanOf(ports, AbortSignal.any([signal, AbortSignal.timeout(LAN_MS)])).catch(
      orNone('LAN settings'),
    );
    return [...lan, ...(await sensorsOf(ports, signal).catch(orNone('sensors')))];
  },
});
