/** One `key = value` of an INI file, after joining its continuation lines with line breaks. */
export interface Entry {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  /** Line of the key, from 1. */
  readonly line: number;
}

export interface IniProblem {
  readonly line: number;
  readonly message: string;
}

export interface Ini {
  readonly entries: readonly Entry[];
  readonly problems: readonly IniProblem[];
}

/** State of one reading; lives as long as one call of `parseIni`. */
interface Reading {
  readonly entries: Entry[];
  readonly problems: IniProblem[];
  section: string | null;
  /** The entry that an indented line continues. */
  open: Entry | null;
}

/** Group names are lower case, only DEFAULT is not. */
const sectionName = (name: string) => (name === 'DEFAULT' ? name : name.toLowerCase());
const isComment = (line: string) => line.startsWith('#') || line.startsWith(';');

function unquoted(value: string): string {
  const quote = value[0];
  return value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote) ? value.slice(1, -1) : value;
}

function close(reading: Reading): void {
  if (reading.open !== null) reading.entries.push(reading.open);
  reading.open = null;
}

function readSection(line: string, number: number, reading: Reading): void {
  const name = /^\[([^\]]+)\]$/.exec(line)?.[1]?.trim();
  if (name === undefined || name === '') {
    reading.problems.push({ line: number, message: `${JSON.stringify(line)} is not a section; write [name]` });
    return;
  }
  reading.section = sectionName(name);
}

function readAssignment(line: string, number: number, reading: Reading): void {
  const cut = line.search(/[=:]/);
  const name = line.slice(0, Math.max(cut, 0)).trim();
  const message =
    cut < 0
      ? `${JSON.stringify(line.split(/\s/, 1)[0])} has no value; write name = value`
      : name === ''
        ? 'there is no option name before the sign'
        : reading.section === null
          ? `option ${name} stands before the first section; put [DEFAULT] above it`
          : null;
  if (message !== null || reading.section === null) {
    reading.problems.push({ line: number, message: message ?? 'no section' });
    return;
  }
  reading.open = { section: reading.section, name, value: unquoted(line.slice(cut + 1).trim()), line: number };
}

function readLine(line: string, number: number, reading: Reading): void {
  if (line === '') {
    close(reading);
    return;
  }
  if (/^[ \t]/.test(line)) {
    const rest = line.trimStart();
    if (reading.open !== null) reading.open = { ...reading.open, value: `${reading.open.value}\n${rest}` };
    else if (!isComment(rest))
      reading.problems.push({ line: number, message: 'this indented line continues nothing; remove the spaces' });
    return;
  }
  close(reading);
  if (line.startsWith('[')) readSection(line, number, reading);
  else if (!isComment(line)) readAssignment(line, number, reading);
}

/** The dialect of oslo.config: full-line comments, `=` or `:`, continuation by indentation, later entries last. Never throws. */
export function parseIni(text: string): Ini {
  const reading: Reading = { entries: [], problems: [], section: null, open: null };
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [at, line] of lines.entries()) readLine(line.trimEnd(), at + 1, reading);
  close(reading);
  return { entries: reading.entries, problems: reading.problems };
}
