import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEfiProgram } from '../../../../src/image/bootloader/pe.ts';

/** The smallest head of an EFI program that says what is asked for. */
function program(machine: number, certificateBytes: number): Uint8Array {
  const bytes = Buffer.alloc(512);
  bytes.write('MZ');
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write('PE\0\0', 0x80);
  bytes.writeUInt16LE(machine, 0x84);
  bytes.writeUInt16LE(0x20b, 0x98);
  bytes.writeUInt32LE(certificateBytes, 0x98 + 112 + 4 * 8 + 4);
  return bytes;
}

describe('the head of an EFI program', () => {
  it.each([
    [0x8664, 0, { machine: 0x8664, signed: false }],
    [0xaa64, 1480, { machine: 0xaa64, signed: true }],
  ])('tells machine %i and signature', (machine, certificate, expected) => {
    expect(readEfiProgram(program(machine, certificate))).toEqual(expected);
  });

  it('is refused in a file that is none, whatever its bytes', () => {
    expect(readEfiProgram(Buffer.from('#!/bin/sh'))).toBeNull();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void readEfiProgram(bytes)));
    fc.assert(
      fc.property(fc.nat({ max: 511 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const bytes = program(0x8664, 0);
        bytes[at] = value;
        readEfiProgram(bytes);
      }),
    );
  });
});
