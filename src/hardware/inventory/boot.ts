import { defineCollector } from '../../core/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { Inventory } from './schema.ts';

export interface BootPorts extends HardwarePorts {
  /** Kernel or virtual-media parameter BOOTIF, verbatim. */
  readonly bootif: string | null;
}

export const boot = defineCollector({
  name: 'boot',
  doc: 'Firmware mode and the NIC that the firmware booted from.',
  budgetMs: 2_000,
  schema: Inventory.properties.boot,
  fallback: { current_boot_mode: 'bios', pxe_interface: null },
  async collect({ files, bootif }: BootPorts) {
    const uefi = (await files.kind('/sys/firmware/efi')) === 'dir';
    return { current_boot_mode: uefi ? ('uefi' as const) : ('bios' as const), pxe_interface: bootif };
  },
});

export const hostname = defineCollector({
  name: 'hostname',
  doc: 'Host name of the kernel, usually given by DHCP.',
  budgetMs: 2_000,
  schema: Inventory.properties.hostname,
  fallback: 'localhost',
  collect: async ({ files }: HardwarePorts) => (await files.text('/proc/sys/kernel/hostname')).trim(),
});

/** `01-52-54-00-12-34-56` or a plain MAC -> `52:54:00:12:34:56`; null when absent. */
export function bootMac(bootif: string | null): string | null {
  if (bootif === null || bootif === '') return null;
  const mac = bootif.includes('-') ? bootif.slice(bootif.indexOf('-') + 1).replaceAll('-', ':') : bootif;
  return mac.toLowerCase();
}
