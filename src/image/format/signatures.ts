/** Formats that can be told from the first 36 KiB of an image (imaging 2.4). */
export type Format = 'qcow2' | ForeignFormat | 'qed' | 'iso' | 'gpt' | 'luks';
/** Formats that qemu-img reads for the agent. */
export type ForeignFormat = 'vhd' | 'vhdx' | 'vmdk' | 'vdi';

export const isForeign = (format: string): format is ForeignFormat => /^(vhdx?|vmdk|vdi)$/.test(format);

const text = (head: Uint8Array, offset: number, length: number) =>
  Buffer.from(head.subarray(offset, offset + length)).toString('latin1');

/** A boot sector of a bare FAT file system also ends with 55 AA. */
const isFatBootSector = (head: Uint8Array) => head[0x10] === 2 && head[0x15] === 0xf8;

const tests: readonly (readonly [Format, (head: Uint8Array) => boolean])[] = [
  ['qcow2', (head) => text(head, 0, 4) === 'QFI\xfb'],
  ['qed', (head) => text(head, 0, 4) === 'QED\0'],
  ['vhd', (head) => text(head, 0, 8) === 'conectix'],
  ['vhdx', (head) => text(head, 0, 8) === 'vhdxfile'],
  ['vmdk', (head) => text(head, 0, 4) === 'KDMV'],
  ['vdi', (head) => text(head, 0x40, 4) === '\x7f\x10\xda\xbe'],
  ['luks', (head) => text(head, 0, 6) === 'LUKS\xba\xbe'],
  ['iso', (head) => /^(CD001|NSR02|NSR03)$/.test(text(head, 0x8001, 5))],
  ['gpt', (head) => head[510] === 0x55 && head[511] === 0xaa && !isFatBootSector(head)],
];

export function matchingFormats(head: Uint8Array): readonly Format[] {
  return tests.filter(([, matches]) => matches(head)).map(([format]) => format);
}

interface MbrEntry {
  readonly flag: number;
  readonly type: number;
  readonly startChs: string;
  readonly startLba: number;
}

function mbrEntries(head: Uint8Array): readonly MbrEntry[] {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [446, 462, 478, 494].map((at) => ({
    flag: head[at] ?? 0,
    type: head[at + 4] ?? 0,
    startChs: Buffer.from(head.subarray(at + 1, at + 4)).toString('hex'),
    startLba: view.getUint32(at + 8, true),
  }));
}

/** Why this partition table is not to be trusted, or null. Only for images that nobody declared. */
export function mbrProblem(head: Uint8Array): string | null {
  const entries = mbrEntries(head);
  if (entries.some((entry) => entry.flag !== 0 && entry.flag !== 0x80)) return 'a boot flag is neither 00 nor 80';
  const used = entries.filter((entry) => entry.type !== 0);
  if (used.length === 0) return 'its partition table is empty';
  const protective = entries.findIndex((entry) => entry.type === 0xee);
  if (protective < 0) return null;
  const entry = entries[protective];
  if (entry?.startChs !== '000200' || entry.startLba !== 1) return 'its protective partition starts at a wrong place';
  return used.length === 1 && protective === 0 ? null : 'its protective partition is not alone';
}
