import { InvalidMachine } from './errors.ts';

/** One UEFI boot entry; `partition` is the GUID of the GPT partition that it starts from, null for other devices. */
export interface BootEntry {
  readonly name: string;
  readonly label: string;
  readonly partition: string | null;
}

interface Variable {
  readonly vendor: string;
  readonly name: string;
  readonly data: Buffer;
}

const GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const HEADER_LENGTH_AT = 48;
const STORE_HEADER = 28;
const VARIABLE_HEADER = 60;
const START = 0x55aa;
/** Added, and added while its successor is being written. */
const VALID = [0x3f, 0x3e];

const hex = (bytes: Buffer, from: number, to: number) => bytes.subarray(from, to).toString('hex');
const reversed = (bytes: Buffer, from: number, to: number) =>
  Buffer.from(bytes.subarray(from, to)).reverse().toString('hex');

/** Text of the 16 bytes at `at`: the first three groups are little-endian. */
export function guidText(bytes: Buffer, at: number): string {
  const little = [reversed(bytes, at, at + 4), reversed(bytes, at + 4, at + 6), reversed(bytes, at + 6, at + 8)];
  return [...little, hex(bytes, at + 8, at + 10), hex(bytes, at + 10, at + 16)].join('-');
}

const utf16 = (bytes: Buffer) => bytes.toString('utf16le').replace(/\0.*$/s, '');

/** Live variables of an edk2 variable store with authenticated headers, in the order of writing. */
function variables(store: Buffer): readonly Variable[] {
  if (store.toString('latin1', 40, 44) !== '_FVH') throw InvalidMachine('the UEFI variables are not a firmware volume');
  const found: Variable[] = [];
  let at = store.readUInt16LE(HEADER_LENGTH_AT) + STORE_HEADER;
  while (at + VARIABLE_HEADER <= store.length && store.readUInt16LE(at) === START) {
    const [nameBytes, dataBytes] = [store.readUInt32LE(at + 36), store.readUInt32LE(at + 40)];
    const nameAt = at + VARIABLE_HEADER;
    const data = store.subarray(nameAt + nameBytes, nameAt + nameBytes + dataBytes);
    if (VALID.includes(store.readUInt8(at + 2)))
      found.push({ vendor: guidText(store, at + 44), name: utf16(store.subarray(nameAt, nameAt + nameBytes)), data });
    at = nameAt + nameBytes + dataBytes;
    at += (4 - (at % 4)) % 4;
  }
  return found;
}

/** GPT partition of the first hard drive node (type 4, subtype 1, signature type 2) in a device path. */
function partitionOf(path: Buffer): string | null {
  let at = 0;
  while (at + 4 <= path.length && path.readUInt8(at) !== 0x7f) {
    const length = path.readUInt16LE(at + 2);
    const isDrive = path.readUInt8(at) === 4 && path.readUInt8(at + 1) === 1 && length >= 42;
    if (isDrive && at + 42 <= path.length && path.readUInt8(at + 41) === 2) return guidText(path, at + 24);
    if (length < 4) return null;
    at += length;
  }
  return null;
}

/** Reads one EFI_LOAD_OPTION: attributes, length of the device path, label, device path. */
function entryOf(name: string, option: Buffer): BootEntry {
  const label = utf16(option.subarray(6));
  const pathAt = 6 + (label.length + 1) * 2;
  return { name, label, partition: partitionOf(option.subarray(pathAt, pathAt + option.readUInt16LE(4))) };
}

/** The boot entries of a machine in the order in which its firmware tries them. */
export function bootEntries(store: Buffer): readonly BootEntry[] {
  const globals = new Map(
    variables(store).flatMap(({ vendor, name, data }) => (vendor === GLOBAL ? [[name, data]] : [])),
  );
  const order = globals.get('BootOrder') ?? Buffer.alloc(0);
  return Array.from({ length: Math.floor(order.length / 2) }, (_, index) => order.readUInt16LE(index * 2)).flatMap(
    (id) => {
      const name = `Boot${id.toString(16).toUpperCase().padStart(4, '0')}`;
      const option = globals.get(name);
      return option === undefined ? [] : [entryOf(name, option)];
    },
  );
}
