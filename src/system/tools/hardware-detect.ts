import { Type } from 'typebox';
import { fits, MiB, parse } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

const Item = Type.Tuple([Type.String(), Type.String(), Type.String(), Type.Union([Type.String(), Type.Number()])]);
const Rows = Type.Array(Type.Unknown());

/** Group, thing, field, value: `["cpu", "physical_0", "cores", 16]`. */
export type DetectedItem = [string, string, string, string | number];

export interface Detected {
  readonly items: readonly DetectedItem[];
  /** Rows that were no such item: a strict server would throw all away for one of them. */
  readonly refused: number;
}

const isItem = (row: unknown): row is DetectedItem => fits(Item, row);

/** All that the library `hardware` finds out, without its benchmarks (inventory.md 5.6). */
export const hardwareDetect = defineTool({
  bin: 'hardware-detect',
  packages: { debian: 'python3-hardware', redhat: 'python3-hardware-detect' },
  shipped: false,
  effect: 'reads',
  timeoutMs: 180_000,
  maxOutputBytes: 4 * MiB,
  argv: (i: { readonly benchmarks: readonly string[] }) =>
    i.benchmarks.length === 0 ? [] : ['--benchmark', ...i.benchmarks],
  parse: (out): Detected => {
    const rows = parse(Rows, JSON.parse(out.stdout), 'hardware-detect');
    const items = rows.filter(isItem);
    return { items, refused: rows.length - items.length };
  },
});

/** The same with its benchmarks, which take minutes: 30 s a disk alone. The conductor waits 30 minutes in all. */
export const hardwareDetectBenchmarks = defineTool({ ...hardwareDetect, timeoutMs: 1_200_000 });
