import { defineCollector, MiB } from '../../core/index.ts';
import type { Files } from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { Inventory } from './schema.ts';
import { readSmbios } from './smbios.ts';

/** `physical_mb` becomes the scheduler's `memory_mb`: it must be what is installed, not what the kernel left over. */
export const memory = defineCollector({
  name: 'memory',
  doc: 'Usable memory in bytes and installed memory in MiB.',
  budgetMs: 5_000,
  schema: Inventory.properties.memory,
  fallback: { total: null, physical_mb: null },
  async collect({ files }: HardwarePorts, _signal, note) {
    const total = await usableBytes(files);
    if (total === null) note('/proc/meminfo tells no MemTotal');
    const smbios = await readSmbios(files);
    const installed = await installedBytes(files, total ?? 0, smbios?.memoryBytes ?? 0);
    return { total, physical_mb: installed === 0 ? null : Math.floor(installed / MiB) };
  },
});

async function usableBytes(files: Files): Promise<number | null> {
  const kilobytes = /^MemTotal:\s+(\d+) kB$/m.exec((await files.textOrNull('/proc/meminfo')) ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Firmware, else the kernel's memory blocks, else what is usable; a smaller figure than the usable one is wrong. */
async function installedBytes(files: Files, usable: number, firmware: number): Promise<number> {
  if (firmware > usable) return firmware;
  const dir = '/sys/devices/system/memory';
  const blockBytes = Number.parseInt((await files.textOrNull(`${dir}/block_size_bytes`)) ?? '0', 16);
  const blocks = (await files.list(dir)).filter((name) => /^memory\d+$/.test(name)).length;
  return Math.max(blocks * blockBytes, usable);
}
