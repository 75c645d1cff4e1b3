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

const ENTRY = /^Boot([0-9A-Fa-f]{4})[* ] ?(.*?)\s+((?:BBS|HD|FvFile|FvVol|PciRoot|VenMsg|VenHw|UsbClass)\(.*)$/gm;

export const parseBootEntries = (text: string): readonly BootEntry[] =>
  [...text.matchAll(ENTRY)].map((m) => ({ number: m[1] ?? '', label: m[2] ?? '', path: m[3] ?? '' }));

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
