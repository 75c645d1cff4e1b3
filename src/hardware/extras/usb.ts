import { Type } from 'typebox';
import { defineCollector } from '../../core/index.ts';
import { cleanText } from '../inventory/index.ts';
import type { HardwarePorts } from '../ports.ts';

const UsbDevice = Type.Object({
  product: Type.String(),
  vendor: Type.String(),
  /** `USB:<bus>:<device>`. */
  handle: Type.String(),
});

const DIR = '/sys/bus/usb/devices';
const HUB = '09';
/** `1-14`, `2-1.4`; not the root hub `usb1`, not the interface `1-14:1.0`. */
const isDevice = (name: string) => /^\d+-[\d.]+$/.test(name);

/** `usb_devices` of the inspection report (inventory.md 5.5): every device that is no hub. */
export const usbDevices = defineCollector({
  name: 'usb-devices',
  doc: 'Product, vendor and address of every USB device that is no hub.',
  budgetMs: 10_000,
  schema: Type.Union([Type.Array(UsbDevice), Type.Null()]),
  fallback: null,
  async collect({ files }: HardwarePorts) {
    const names = (await files.list(DIR)).filter(isDevice);
    const found = await Promise.all(
      names.map(async (name) => {
        const at = async (file: string) => cleanText((await files.textOrNull(`${DIR}/${name}/${file}`)) ?? '');
        if ((await at('bDeviceClass')) === HUB) return [];
        const [bus, device] = [await at('busnum'), await at('devnum')];
        return [{ product: await at('product'), vendor: await at('manufacturer'), handle: `USB:${bus}:${device}` }];
      }),
    );
    return found.flat();
  },
});
