import { GiB } from '../../../core/index.ts';
import { percentDecoded } from '../../../system/index.ts';
import type { Disk } from '../disk.ts';
import { isWithin, normalise, type Operator, parseExpression, parseRange } from './expression.ts';

export interface Verdict {
  readonly fits: boolean;
  /** The first hint that failed, with what the disk has; empty when all fit. */
  readonly reason: string;
}
/** All hints of one map, compiled; a problem makes the whole map unusable. */
export type Hints =
  | { readonly ok: true; readonly judge: (disk: Disk) => Verdict; readonly text: string }
  | { readonly ok: false; readonly problem: string };

type Value = string | null | readonly string[];
type Test = (disk: Disk) => boolean;

const TEXT_HINTS: ReadonlyMap<string, (disk: Disk) => Value> = new Map(
  Object.entries<(disk: Disk) => Value>({
    model: (d) => d.model,
    vendor: (d) => d.vendor,
    serial: (d) => d.allSerials,
    wwn: (d) => d.allWwns,
    wwn_with_extension: (d) => d.wwnWithExtension,
    wwn_vendor_extension: (d) => d.wwnVendorExtension,
    hctl: (d) => d.hctl,
    by_path: linksOf,
    name: (d) => d.path,
    tran: (d) => d.tran,
  }),
);

/** udev versions name several links for one path; the operator may know any of them. */
function linksOf(disk: Disk): Value {
  return disk.allByPaths.length > 1 ? disk.allByPaths : disk.byPath;
}

/** Compiles a hint map (inventory 3.2, 3.3). The map must not be empty. */
export function compileHints(map: Readonly<Record<string, unknown>>): Hints {
  const tests = Object.entries(map).map(([key, raw]) => ({ key, raw, test: testOf(key, raw) }));
  const wrong = tests.flatMap(({ key, raw, test }) =>
    typeof test === 'string' ? [`${key}: ${JSON.stringify(raw)}: ${test}`] : [],
  );
  if (wrong.length > 0) return { ok: false, problem: wrong.join('; ') };
  const judge = (disk: Disk): Verdict => {
    const failed = tests.find(({ test }) => typeof test !== 'string' && !test(disk));
    if (failed === undefined) return { fits: true, reason: '' };
    return {
      fits: false,
      reason: `${failed.key} ${JSON.stringify(failed.raw)} does not match ${shown(disk, failed.key)}`,
    };
  };
  return { ok: true, judge, text: JSON.stringify(map) };
}

function shown(disk: Disk, key: string): string {
  if (key === 'size') return `${Number((disk.size / GiB).toFixed(4))} GiB`;
  if (key === 'rotational') return String(disk.rotational);
  return JSON.stringify(TEXT_HINTS.get(key)?.(disk) ?? null);
}

/** The test of one hint, or the reason why it is none. */
function testOf(key: string, raw: unknown): Test | string {
  if (key === 'size') return sizeTest(raw);
  if (key === 'rotational') return rotationalTest(raw);
  const read = TEXT_HINTS.get(key);
  if (read === undefined) return 'unknown hint';
  if (typeof raw !== 'string') return 'the value must be a string';
  return key === 'by_path' ? pathTest(raw) : textTest(raw, read);
}

function rotationalTest(raw: unknown): Test | string {
  const text = typeof raw === 'boolean' || typeof raw === 'string' ? String(raw).trim().toLowerCase() : '';
  if (['1', 't', 'true', 'on', 'y', 'yes'].includes(text)) return (disk) => disk.rotational;
  if (['0', 'f', 'false', 'off', 'n', 'no'].includes(text)) return (disk) => !disk.rotational;
  return 'the value must be true or false';
}

const NUMERIC: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  none: (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '<': (a, b) => a < b,
};

function sizeTest(raw: unknown): Test | string {
  if (typeof raw !== 'number' && typeof raw !== 'string') return 'the value must be a number of GiB';
  const expression = parseExpression(String(raw));
  if (typeof expression === 'string') return expression;
  const { operator, operands } = expression;
  if (operator === 'range-in') {
    const range = parseRange(operands[0] ?? '');
    return typeof range === 'string' ? range : (disk) => isWithin(disk.size / GiB, range);
  }
  const sizes = operands.map(percentDecoded);
  if (sizes.some((text) => !/^[+]?\d+$/.test(text) || Number(text) <= 0))
    return 'the size must be a whole number of GiB above zero';
  // The conductor compares text with a number here and never finds them equal; the agent agrees with it.
  if (operator === 'or') return () => false;
  const compare = NUMERIC[operator];
  const wanted = Number(sizes[0] ?? '');
  return compare === undefined ? 'this operator does not work on sizes' : (disk) => compare(disk.size / GiB, wanted);
}

const TEXTUAL: Readonly<Record<string, (value: string, operands: readonly string[]) => boolean>> = {
  none: (value, [wanted]) => value === wanted,
  's==': (value, [wanted]) => value === wanted,
  's!=': (value, [wanted]) => value !== wanted,
  's>=': (value, [wanted = '']) => value >= wanted,
  's>': (value, [wanted = '']) => value > wanted,
  's<=': (value, [wanted = '']) => value <= wanted,
  's<': (value, [wanted = '']) => value < wanted,
  in: (value, [part = '']) => value.includes(part),
  or: (value, operands) => operands.includes(value),
};

type Compare = (value: string) => boolean;

/** Any value of the disk suffices, for `s!=` too: the conductor's rule for lists (inventory 3.3). */
function textTest(raw: string, read: (disk: Disk) => Value): Test | string {
  const textual = parseTextual(raw);
  return typeof textual === 'string' ? textual : (disk) => values(read(disk)).some(textual.compare);
}

/**
 * The links of a disk are other names of one value: a disk excluded by one of them is excluded, and an order needs one
 * value.
 */
function pathTest(raw: string): Test | string {
  const textual = parseTextual(raw);
  if (typeof textual === 'string') return textual;
  const { operator, compare } = textual;
  if (operator === 's!=') {
    return (disk) => {
      const links = values(linksOf(disk));
      return links.length > 0 && links.every(compare);
    };
  }
  const ordered = ['s>=', 's>', 's<=', 's<'].includes(operator);
  return (disk) => values(ordered ? disk.byPath : linksOf(disk)).some(compare);
}

function parseTextual(raw: string): { readonly operator: Operator; readonly compare: Compare } | string {
  const expression = parseExpression(raw);
  if (typeof expression === 'string') return expression;
  const { operator, operands } = expression;
  const compare = TEXTUAL[operator];
  if (compare === undefined) return 'this operator compares numbers or lists, the hint is a text';
  return { operator, compare: (value) => compare(value, operands) };
}

/** An absent single value is compared as the text `none`; blank values never match anything. */
function values(value: Value): readonly string[] {
  const list = value === null ? ['none'] : typeof value === 'string' ? [value] : value;
  return list.map(normalise).filter((text) => text !== '');
}
