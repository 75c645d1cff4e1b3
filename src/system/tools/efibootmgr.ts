import { defineTool, type ToolOutput } from '../tool.ts';

const facts = {
  bin: 'efibootmgr',
  packages: { debian: 'efibootmgr', redhat: 'efibootmgr' },
  timeoutMs: 60_000,
} as const;

/** Whether the program is there at all; asks nothing of the firmware. */
export const efibootmgrVersion = defineTool({
  ...facts,
  effect: 'reads',
  argv: () => ['--version'],
  parse: () => undefined,
});

export interface BootEntry {
  /** Four hexadecimal digits. */
  readonly number: string;
  readonly label: string;
  /** Device path as text: `HD(1,GPT,...)/File(\EFI\debian\shimx64.efi)`. */
  readonly path: string;
}

const UTF16 = new TextDecoder('utf-16le');
const UTF8 = new TextDecoder('utf-8');

/** Some firmwares make the tool print UTF-16; the line `BootCurrent` tells which reading is right. */
function decode(out: ToolOutput): string {
  const wide = UTF16.decode(out.bytes);
  return /^BootCurrent: /m.test(wide) ? wide : UTF8.decode(out.bytes);
}

const PATH = '(?:BBS|HD|FvFile|FvVol|PciRoot|VenMsg|VenHw|UsbClass)\\(';
/** A tab ends the label, which may itself look like the beginning of a path; some versions print blanks instead. */
const ENTRIES = ['\\t', '\\s+'].map((gap) => new RegExp(`^Boot([0-9A-Fa-f]{4})[* ] ?(.*?)\\s*${gap}(${PATH}.*)$`));

export const parseBootEntries = (text: string): readonly BootEntry[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const found = ENTRIES.map((entry) => entry.exec(line)).find((match) => match !== null);
    return found == null ? [] : [{ number: found[1] ?? '', label: found[2] ?? '', path: found[3] ?? '' }];
  });

/** The boot entries in the firmware's memory. */
export const efibootmgrList = defineTool({
  ...facts,
  effect: 'reads',
  argv: () => ['-v'],
  parse: (out) => parseBootEntries(decode(out)),
});

export const efibootmgrDelete = defineTool({
  ...facts,
  effect: 'changes',
  argv: (i: { readonly number: string }) => ['-b', i.number, '-B'],
  parse: () => undefined,
});

/** Creates an entry and puts it first in the boot order. */
export const efibootmgrCreate = defineTool({
  ...facts,
  effect: 'changes',
  argv: (i: { readonly disk: string; readonly partition: number; readonly label: string; readonly loader: string }) => [
    ...['-v', '-c', '-d', i.disk, '-p', String(i.partition), '-w'],
    ...['-L', i.label, '-l', i.loader],
  ],
  parse: () => undefined,
});
