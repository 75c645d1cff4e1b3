import { defineCollector } from '../../core/index.ts';
import type { Files } from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { Inventory } from './schema.ts';
import { cleanText, readSmbios } from './smbios.ts';

type Vendor = Inventory['system_vendor'];

const EMPTY: Vendor = {
  product_name: '',
  serial_number: '',
  manufacturer: '',
  firmware: { vendor: '', version: '', build_date: '' },
};

/** From the SMBIOS table, per field from the kernel's copy, else from the device tree (inventory 2.7). */
export const systemVendor = defineCollector({
  name: 'system_vendor',
  doc: 'Product with SKU, serial number, manufacturer and firmware; empty text when unknown.',
  budgetMs: 5_000,
  schema: Inventory.properties.system_vendor,
  fallback: EMPTY,
  async collect({ files }: HardwarePorts) {
    const sources = await Promise.all([fromTable(files), fromKernel(files), fromDeviceTree(files)]);
    const first = (read: (vendor: Vendor) => string) => sources.map(read).find((text) => text !== '') ?? '';
    return {
      product_name: first((v) => v.product_name),
      serial_number: first((v) => v.serial_number),
      manufacturer: first((v) => v.manufacturer),
      firmware: {
        vendor: first((v) => v.firmware.vendor),
        version: first((v) => v.firmware.version),
        build_date: first((v) => v.firmware.build_date),
      },
    };
  },
});

/** Operators' rules know the SKU as a suffix. */
const productOf = (product: string, sku: string) => (sku === '' || product === '' ? product : `${product} (${sku})`);

async function fromTable(files: Files): Promise<Vendor> {
  const table = await readSmbios(files);
  if (table === null) return EMPTY;
  const { system, firmware } = table;
  return {
    product_name: productOf(system.product, system.sku),
    serial_number: system.serial,
    manufacturer: system.manufacturer,
    firmware: { vendor: firmware.vendor, version: firmware.version, build_date: firmware.date },
  };
}

async function fromKernel(files: Files): Promise<Vendor> {
  const read = async (name: string) => cleanText((await files.textOrNull(`/sys/class/dmi/id/${name}`)) ?? '');
  const [product, sku, serial, vendor, biosVendor, version, date] = await Promise.all([
    read('product_name'),
    read('product_sku'),
    read('product_serial'),
    read('sys_vendor'),
    read('bios_vendor'),
    read('bios_version'),
    read('bios_date'),
  ]);
  return {
    product_name: productOf(product, sku),
    serial_number: serial,
    manufacturer: vendor,
    firmware: { vendor: biosVendor, version, build_date: date },
  };
}

async function fromDeviceTree(files: Files): Promise<Vendor> {
  const read = async (name: string) => cleanText((await files.textOrNull(`/proc/device-tree/${name}`)) ?? '');
  const [model, serial, systemId, copyright, vendor] = await Promise.all([
    read('model'),
    read('serial-number'),
    read('system-id'),
    read('copyright'),
    read('vendor'),
  ]);
  return { ...EMPTY, product_name: model, serial_number: serial || systemId, manufacturer: copyright || vendor };
}
