import { defineCollector, GiB, KiB, MiB, reasonOf } from '../../../core/index.ts';
import { type DmiBlock, dmidecode } from '../../../system/index.ts';
import { memory as inventoryMemory } from '../../inventory/index.ts';
import type { HardwarePorts } from '../../ports.ts';
import { type Item, Items, itemsOf } from '../item.ts';

const ARRAY = 16;
const MODULE = 17;
const UNITS: Readonly<Record<string, number>> = { bytes: 1, kB: KiB, MB: MiB, GB: GiB, TB: 1024 * GiB };
/** What dmidecode prints where the firmware says nothing. */
const UNKNOWN = /^(unknown|not specified|not provided|none|<out of spec>|no module installed|)$/i;

type Fields = DmiBlock['fields'];

const textOf = (fields: Fields, label: string): string => {
  const value = fields[label];
  return typeof value !== 'string' || UNKNOWN.test(value) ? '' : value;
};

/** `32 GB` -> bytes; null for an empty place. */
function bytesOf(text: string): number | null {
  const [, count, unit = ''] = /^(\d+) (\w+)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  return count === undefined || factor === undefined ? null : Number(count) * factor;
}

/** `4800 MT/s`, of older programs `2400 MHz` -> 4800 and 2400. */
const speedOf = (text: string): number => Number(/^(\d+) (?:MT\/s|MHz)$/.exec(text)?.[1] ?? 0);

/** `DIMM DDR5 Synchronous Registered (Buffered) 4800 MHz (0.2 ns)`, with ` [empty]` behind it for an empty place. */
function descriptionOf(fields: Fields, speed: number, bytes: number | null): string {
  const pace = speed === 0 ? '' : `${speed} MHz (${(1000 / speed).toFixed(1)} ns)`;
  const words = [textOf(fields, 'Form Factor'), textOf(fields, 'Type'), textOf(fields, 'Type Detail'), pace];
  return [...words, bytes === null ? '[empty]' : ''].filter((word) => word !== '').join(' ');
}

function bankOf(name: string, fields: Fields): readonly Item[] {
  const bytes = bytesOf(textOf(fields, 'Size'));
  const speed = speedOf(textOf(fields, 'Speed'));
  return itemsOf('memory', name, {
    size: bytes === null ? null : String(bytes),
    clock: speed === 0 ? null : String(speed * 1_000_000),
    description: descriptionOf(fields, speed, bytes),
    vendor: textOf(fields, 'Manufacturer'),
    product: textOf(fields, 'Part Number'),
    serial: textOf(fields, 'Serial Number'),
    slot: textOf(fields, 'Locator'),
  });
}

const handleOf = ({ Handle: handle }: Fields) => /0x[0-9A-Fa-f]+/.exec(String(handle))?.[0]?.toLowerCase() ?? '';

/** Modules by the array they sit in; with several arrays the array's number is part of the name. */
export function banksOf(blocks: readonly DmiBlock[]): readonly Item[] {
  const of = (wanted: number) => blocks.filter(({ type }) => type === wanted).map(({ fields }) => fields);
  const arrays = of(ARRAY).filter((fields) => textOf(fields, 'Use') === 'System Memory');
  const modules = of(MODULE);
  const groups =
    arrays.length < 2
      ? [{ prefix: 'bank', inside: modules }]
      : arrays.map((array, at) => ({
          prefix: `bank:${at}`,
          inside: modules.filter((fields) => textOf(fields, 'Array Handle').toLowerCase() === handleOf(array)),
        }));
  const banks = groups.flatMap(({ prefix, inside }) => inside.map((fields, at) => bankOf(`${prefix}:${at}`, fields)));
  return [...banks.flat(), ...(banks.length === 0 ? [] : itemsOf('memory', 'banks', { count: String(banks.length) }))];
}

/** Group `memory`. */
export const memory = defineCollector({
  name: 'memory',
  doc: 'Installed memory and every memory module.',
  budgetMs: 25_000,
  schema: Items,
  fallback: [],
  async collect(ports: HardwarePorts, signal, note) {
    const { physical_mb: installed } = await inventoryMemory.collect(ports, signal, note);
    const total = itemsOf('memory', 'total', { size: installed === null ? null : String(installed * MiB) });
    const blocks = await ports.tools.run(dmidecode, undefined, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      note(`modules unknown: ${reasonOf(error)}`);
      return [];
    });
    return [...total, ...banksOf(blocks)];
  },
});
