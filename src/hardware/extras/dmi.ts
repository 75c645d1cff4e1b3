import { Type } from 'typebox';
import { defineCollector } from '../../core/index.ts';
import { type DmiBlock, dmidecode } from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';

const Fields = Type.Record(Type.String(), Type.Unknown());
const Dmi = Type.Object({ bios: Fields, cpu: Type.Array(Fields), memory: Fields });

const BIOS = 0;
const CPU = 4;
const MEMORY_ARRAY = 16;
const MEMORY_MODULE = 17;
const COUNT = 'Number Of Devices';

/** The first array speaks for all but in the number of its places, which is the sum. */
function memoryOf(arrays: readonly DmiBlock['fields'][], modules: readonly DmiBlock['fields'][]) {
  const [first] = arrays;
  if (first === undefined) return { devices: modules };
  const places = arrays.reduce((sum, array) => sum + (Number.parseInt(String(array[COUNT]), 10) || 0), 0);
  const { Handle: _handle, ...rest } = first;
  return { ...rest, [COUNT]: places, ...(modules.length === 0 ? {} : { devices: modules }) };
}

/** `dmi` of the inspection report (inventory.md 5.4): text as the program prints it. */
export const dmi = defineCollector({
  name: 'dmi-decode',
  doc: 'BIOS, processors and memory modules in the words of dmidecode.',
  budgetMs: 25_000,
  schema: Type.Union([Dmi, Type.Null()]),
  fallback: null,
  async collect({ tools }: HardwarePorts, signal) {
    const blocks = await tools.run(dmidecode, undefined, signal);
    const of = (wanted: number) => blocks.filter(({ type }) => type === wanted).map(({ fields }) => fields);
    return { bios: of(BIOS).at(-1) ?? {}, cpu: of(CPU), memory: memoryOf(of(MEMORY_ARRAY), of(MEMORY_MODULE)) };
  },
});
