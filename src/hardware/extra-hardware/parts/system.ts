import { defineCollector, redactText } from '../../../core/index.ts';
import { lscpu } from '../../../system/index.ts';
import { cleanText, listNics, systemVendor } from '../../inventory/index.ts';
import type { HardwarePorts } from '../../ports.ts';
import { type Item, Items, itemsOf } from '../item.ts';

/** What boards without a serial number of their own say instead of one. */
const NO_SERIALS: readonly string[] = ['0123456789', '0000000000'];

type Read = (name: string) => Promise<string>;

/** Firmware's words as the kernel has them; the device tree where there is no SMBIOS. */
const dmiOf =
  ({ files }: HardwarePorts): Read =>
  async (name) =>
    cleanText((await files.textOrNull(`/sys/class/dmi/id/${name}`)) ?? '');

async function uuidOf({ files }: HardwarePorts, dmi: Read): Promise<string> {
  return (await dmi('product_uuid')) || cleanText((await files.textOrNull('/proc/device-tree/system-uuid')) ?? '');
}

/** In the order of trust: what names this machine when its own serial number is a dummy. */
async function serialOf(ports: HardwarePorts, given: string, others: readonly string[]): Promise<string> {
  if (!NO_SERIALS.includes(given)) return given;
  const known = others.find((other) => other !== '');
  if (known !== undefined) return known;
  const [nic] = await listNics(ports).catch(() => []);
  return nic?.mac.replaceAll(':', '') ?? given;
}

async function machine(ports: HardwarePorts, signal: AbortSignal): Promise<readonly Item[]> {
  const dmi = dmiOf(ports);
  const vendor = await systemVendor.collect(ports, signal, () => undefined);
  const [version, uuid, name, maker, revision, serial] = await Promise.all([
    dmi('product_version'),
    uuidOf(ports, dmi),
    dmi('board_name'),
    dmi('board_vendor'),
    dmi('board_version'),
    dmi('board_serial'),
  ]);
  const product = {
    serial: await serialOf(ports, vendor.serial_number, [uuid, serial]),
    name: vendor.product_name,
    vendor: vendor.manufacturer,
    version,
    uuid,
  };
  const { version: bios, build_date: date, vendor: biosVendor } = vendor.firmware;
  return [
    ...itemsOf('system', 'product', product),
    ...itemsOf('system', 'motherboard', { name, vendor: maker, version: revision, serial }),
    ...itemsOf('firmware', 'bios', { version: bios, date, vendor: biosVendor }),
  ];
}

/** `ID=debian` -> `Debian`, as lsb_release says it, and the whole name. */
async function osOf({ files }: HardwarePorts): Promise<readonly Item[]> {
  const text = (await files.textOrNull('/etc/os-release')) ?? '';
  const of = (key: string) => new RegExp(`^${key}=(["']?)(.*)\\1$`, 'm').exec(text)?.[2] ?? '';
  const id = of('ID');
  return itemsOf('system', 'os', { vendor: id.slice(0, 1).toUpperCase() + id.slice(1), version: of('PRETTY_NAME') });
}

async function kernelOf({ files, tools }: HardwarePorts, signal: AbortSignal): Promise<readonly Item[]> {
  const arch = await tools.run(lscpu, undefined, signal).then(
    (fields) => fields.get('architecture'),
    () => null,
  );
  return itemsOf('system', 'kernel', {
    version: await files.textOrNull('/proc/sys/kernel/osrelease'),
    arch,
    cmdline: redactText((await files.textOrNull('/proc/cmdline')) ?? ''),
  });
}

/** Says whether the clock holds local time, `no` as a rule; the reference puts that under the name `utc`. */
async function clockOf({ files }: HardwarePorts): Promise<readonly Item[]> {
  const adjusted = (await files.textOrNull('/etc/adjtime')) ?? '';
  return itemsOf('system', 'rtc', { utc: /^LOCAL$/m.test(adjusted) ? 'yes' : 'no' });
}

/** Groups `system` and `firmware`. */
export const system = defineCollector({
  name: 'system',
  doc: 'Product, board, firmware, operating system, kernel and its command line.',
  budgetMs: 15_000,
  schema: Items,
  fallback: [],
  async collect(ports: HardwarePorts, signal) {
    const all = [machine(ports, signal), osOf(ports), kernelOf(ports, signal), clockOf(ports)];
    return (await Promise.all(all)).flat();
  },
});
