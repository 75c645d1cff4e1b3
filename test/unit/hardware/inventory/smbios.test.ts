import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GiB, MiB } from '../../../../src/core/index.ts';
import { parseSmbios } from '../../../../src/hardware/index.ts';
import { bios, memoryArray, memoryModule, type Part, smbiosTable, system } from '../../../kit/smbios-table.ts';

const memoryOf = (...parts: readonly Part[]) => parseSmbios(smbiosTable(parts)).memoryBytes;
const A = 0x1000;
const B = 0x2000;

describe('memory of the SMBIOS table', () => {
  it.each<readonly [string, number, number]>([
    ['one array', memoryOf(memoryArray(A), memoryModule(A, 8192), memoryModule(A, 8192)), 16 * GiB],
    ['two arrays', memoryOf(memoryArray(A), memoryModule(A, 1024), memoryArray(B), memoryModule(B, 2048)), 3 * GiB],
    ['module without size', memoryOf(memoryArray(A), memoryModule(A, 0xffff), memoryModule(A, 0)), 0],
    ['size in KiB', memoryOf(memoryArray(A), memoryModule(A, 0x8000 | 512)), 512 * 1024],
    ['extended size', memoryOf(memoryArray(A), memoryModule(A, 0x7fff, 65536)), 64 * GiB],
    ['extended size ignores the reserved bit', memoryOf(memoryArray(A), memoryModule(A, 0x7fff, 0x80008000)), 32 * GiB],
    ['short structure of old firmware', memoryOf(memoryArray(A), memoryModule(A, 4096, null)), 4 * GiB],
    ['cache and flash arrays do not count', memoryOf(memoryArray(A, 5), memoryModule(A, 1024)), 0],
    ['module of an unknown array', memoryOf(memoryArray(A), memoryModule(B, 1024)), 0],
    ['empty table', memoryOf(), 0],
  ])('%s', (_name, found, expected) => {
    expect(found).toBe(expected);
  });
});

describe('texts of the SMBIOS table', () => {
  it('reads vendor, product, serial and SKU', () => {
    const table = smbiosTable([bios('Vendor ', '1.0', '01/02/2026'), system('Maker', 'Box\u0007', ' S1 ', 'SKU9')]);
    expect(parseSmbios(table)).toMatchObject({
      firmware: { vendor: 'Vendor', version: '1.0', date: '01/02/2026' },
      system: { manufacturer: 'Maker', product: 'Box', serial: 'S1', sku: 'SKU9' },
    });
  });
  it('is empty where a string is missing or its number is wrong', () => {
    const table = smbiosTable([{ type: 1, handle: 1, body: [1, 9, 0, 0], strings: ['Maker'] }]);
    expect(parseSmbios(table).system).toEqual({ manufacturer: 'Maker', product: '', serial: '', sku: '' });
  });
  it('stops at the end-of-table structure', () => {
    const table = Buffer.concat([smbiosTable([]), smbiosTable([system('Late', 'x', 'x', null)])]);
    expect(parseSmbios(table).system.manufacturer).toBe('');
  });
});

it('never throws and never exceeds what a table of that size can say', () => {
  const whole = smbiosTable([bios('V', '1', 'd'), system('M', 'P', 'S', 'K'), memoryArray(A), memoryModule(A, 1024)]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(whole.length), fc.nat(255), (noise, at, value) => {
      parseSmbios(noise);
      const damaged = Uint8Array.from(whole);
      damaged[at] = value;
      expect(parseSmbios(damaged).memoryBytes).toBeLessThan(2 ** 31 * MiB);
      parseSmbios(whole.subarray(0, at));
    }),
    { numRuns: 2000 },
  );
});
