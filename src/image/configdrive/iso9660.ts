import { DeploymentFailed } from '../../core/index.ts';
import { type DriveFile, REMAKE, readTree, type TreeEntry } from './tree.ts';

const BLOCK = 2048;
const FIRST_DESCRIPTOR = 16;
const MAX_DESCRIPTORS = 64;
const IS_DIRECTORY = 2;

type NameOf = (record: Uint8Array, nameLength: number) => string;

const broken = (why: string) =>
  DeploymentFailed(`the config drive is a damaged ISO 9660 image: ${why}`, { hint: REMAKE });
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Joliet keeps names as UCS-2, big-endian. */
const jolietName: NameOf = (record, length) =>
  new TextDecoder('utf-16be').decode(record.subarray(33, 33 + length)).replace(/;1$/, '');

/** The real name stands in Rock Ridge `NM` fields behind the short one (SUSP, IEEE P1282). */
const rockRidgeName: NameOf = (record, length) => {
  let at = 33 + length + ((length + 1) % 2);
  let name = '';
  while (at + 5 <= record.length && (record[at + 2] ?? 0) >= 5) {
    const size = record[at + 2] ?? 0;
    if (Buffer.from(record.subarray(at, at + 2)).toString('latin1') === 'NM')
      name += Buffer.from(record.subarray(at + 5, at + size)).toString('utf8');
    at += size;
  }
  if (name !== '') return name;
  const plain = Buffer.from(record.subarray(33, 33 + length)).toString('latin1');
  return plain.replace(/\.?;1$/, '').toLowerCase();
};

/** The descriptor with the best names: Joliet where there is one, else the primary. */
function rootOf(image: Uint8Array): { readonly record: Uint8Array; readonly nameOf: NameOf } {
  const found = Array.from({ length: MAX_DESCRIPTORS }, (_, i) => (FIRST_DESCRIPTOR + i) * BLOCK)
    .map((at) => image.subarray(at, at + BLOCK))
    .filter((block) => block.length === BLOCK && Buffer.from(block.subarray(1, 6)).toString('latin1') === 'CD001');
  const joliet = found.find((block) => block[0] === 2 && block[88] === 0x25 && block[89] === 0x2f);
  const primary = found.find((block) => block[0] === 1);
  if (joliet !== undefined) return { record: joliet.subarray(156, 190), nameOf: jolietName };
  if (primary !== undefined) return { record: primary.subarray(156, 190), nameOf: rockRidgeName };
  throw broken('no volume descriptor');
}

function entryOf(record: Uint8Array, nameOf: NameOf): TreeEntry {
  if (record.length < 34) throw broken('a directory record is too short');
  const view = viewOf(record);
  return {
    name: nameOf(record, record[32] ?? 0),
    directory: ((record[25] ?? 0) & IS_DIRECTORY) !== 0,
    start: view.getUint32(2, true),
    length: view.getUint32(10, true),
  };
}

function contentOf(image: Uint8Array, { name, start, length }: TreeEntry): Uint8Array {
  const from = start * BLOCK;
  if (from + length > image.length) throw broken(`${JSON.stringify(name)} reaches beyond its end`);
  return image.subarray(from, from + length);
}

/** Records do not cross blocks; a length of zero means: go on in the next block. Self and parent are left out. */
function* entriesIn(content: Uint8Array, nameOf: NameOf): Iterable<TreeEntry> {
  for (let at = 0; at < content.length; ) {
    const size = content[at] ?? 0;
    if (size === 0) {
      at = (Math.floor(at / BLOCK) + 1) * BLOCK;
      continue;
    }
    const record = content.subarray(at, at + size);
    const isSelfOrParent = record[32] === 1 && (record[33] ?? 2) < 2;
    if (!isSelfOrParent) yield entryOf(record, nameOf);
    at += size;
  }
}

/** Every file of an ISO 9660 image in memory. Trusts nothing in it. @throws DeploymentError */
export function readIso(image: Uint8Array): readonly DriveFile[] {
  const { record, nameOf } = rootOf(image);
  return readTree({
    root: { ...entryOf(record, () => ''), directory: true },
    contentOf: (entry) => contentOf(image, entry),
    entriesIn: (content) => entriesIn(content, nameOf),
    broken,
  });
}
