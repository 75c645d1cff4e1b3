import type { AnyOption } from '../option.ts';
import { type Entry, parseIni } from './ini.ts';
import { bracketed, type Found, namesOf, type Source } from './source.ts';

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** Where the file itself came from, for people: `virtual medium /dev/sr0`. */
  readonly from?: string;
}

const address = (section: string, name: string) => `${section}\n${name}`;

/** The last entry of each name. */
const tableOf = (entries: readonly Entry[]) =>
  new Map(entries.map((entry) => [address(entry.section, entry.name), entry]));

function findIn(named: string, table: ReadonlyMap<string, Entry>, option: AnyOption): Found | null {
  for (const [rank, name] of namesOf(option).entries()) {
    const entry = table.get(address(name.section, name.name));
    if (entry === undefined) continue;
    const origin = `${named} [${entry.section}] line ${entry.line}`;
    return { raw: entry.value, origin, ...(rank === 0 ? {} : { alias: bracketed(name) }) };
  }
  return null;
}

/** Configuration files in reading order: a later file wins. `problems` are full sentences about unreadable lines. */
export function fileSource(files: readonly ConfigFile[]): {
  readonly source: Source;
  readonly problems: readonly string[];
} {
  const parsed = files.map(({ path, text, from }) => ({
    named: `file ${path}${from === undefined ? '' : ` (from ${from})`}`,
    ini: parseIni(text),
  }));
  const tables = parsed.map(({ named, ini }) => ({ named, table: tableOf(ini.entries) })).reverse();
  const find = (option: AnyOption) => {
    for (const { named, table } of tables) {
      const found = findIn(named, table, option);
      if (found !== null) return found;
    }
    return null;
  };
  const problems = parsed.flatMap(({ named, ini }) =>
    ini.problems.map(({ line, message }) => `${named} line ${line}: ${message}`),
  );
  return { source: { find, onBad: 'fail', substitutes: true }, problems };
}
