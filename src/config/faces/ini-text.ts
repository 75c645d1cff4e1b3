import type { AnyOption } from '../option.ts';
import { type OptionKey, optionList } from '../options/index.ts';
import { escapeDollars } from '../substitute.ts';

export type Row = readonly [OptionKey, AnyOption];

/** The table by section of the file, DEFAULT first, in order of declaration. */
export function bySection(): ReadonlyMap<string, readonly Row[]> {
  return Map.groupBy(optionList, ([, option]) => option.section);
}

/** Text that the file parser reads back as `value`. */
export function iniValue(value: string): string {
  const safe = escapeDollars(value);
  if (safe.includes('\n')) return safe.split('\n').join('\n    ');
  return /^\s|\s$|^["']/.test(safe) ? `"${safe}"` : safe;
}

/** `name = value`, without a blank behind the sign when there is no value. */
export const assignment = (option: AnyOption, value: string): string => `${option.name} = ${iniValue(value)}`.trimEnd();
