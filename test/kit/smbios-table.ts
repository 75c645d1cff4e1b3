/** Builders of SMBIOS structures for tables that firmware could have made. */
export interface Part {
  readonly type: number;
  readonly handle: number;
  /** Formatted area after the four header bytes. */
  readonly body: readonly number[];
  readonly strings?: readonly string[];
}

const word = (n: number) => [n & 0xff, (n >>> 8) & 0xff];
const double = (n: number) => [...word(n & 0xffff), ...word(n >>> 16)];

export function smbiosTable(parts: readonly Part[]): Uint8Array {
  const end: Part = { type: 127, handle: 0xffff, body: [] };
  return Buffer.concat([...parts, end].map(bytesOf));
}

function bytesOf({ type, handle, body, strings = [] }: Part): Buffer {
  const head = Buffer.from([type, body.length + 4, ...word(handle), ...body]);
  const texts = strings.map((text) => Buffer.from(`${text}\0`));
  return Buffer.concat([head, ...texts, Buffer.from(strings.length === 0 ? [0, 0] : [0])]);
}

/** Type 0: vendor, version and date at 4, 5 and 8. */
export const bios = (vendor: string, version: string, date: string): Part => ({
  type: 0,
  handle: 0,
  body: [1, 2, 0, 0, 3, 0, ...Array.from({ length: 10 }, () => 0)],
  strings: [vendor, version, date],
});

/** Type 1: manufacturer, product, version, serial, UUID, wake-up, SKU, family. */
export const system = (manufacturer: string, product: string, serial: string, sku: string | null): Part => ({
  type: 1,
  handle: 1,
  body: [1, 2, 0, 3, ...Array.from({ length: 16 }, () => 0), 6, sku === null ? 0 : 4, 0],
  strings: [manufacturer, product, serial, ...(sku === null ? [] : [sku])],
});

/** Type 16; use 3 is system memory. */
export const memoryArray = (handle: number, use = 3): Part => ({
  type: 16,
  handle,
  body: [3, use, 6, ...double(0x80000000), ...word(0xfffe), ...word(8)],
});

/** Type 17 with the raw size word of offset 0x0C and the extended size of 0x1C. */
export const memoryModule = (array: number, size: number, extended: number | null = 0): Part => {
  const start = [...word(array), ...word(0xfffe), ...word(72), ...word(64), ...word(size)];
  const middle = [9, 0, 0, 0, 0x1a, ...word(0), ...word(0), 0, 0, 0, 0, 0];
  return {
    type: 17,
    handle: 0x1100,
    body: extended === null ? [...start, ...middle] : [...start, ...middle, ...double(extended)],
  };
};
