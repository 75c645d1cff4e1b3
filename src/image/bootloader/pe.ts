/** What the head of an EFI program says about itself (PE/COFF). */
export interface EfiProgram {
  /** COFF machine number: 0x8664 x86-64, 0xaa64 ARM64. */
  readonly machine: number;
  /** Whether it carries a signature; unsigned ones do not start under Secure Boot. */
  readonly signed: boolean;
}

const PE_POINTER = 0x3c;
const OPTIONAL_HEADER = 24;
const PE32_PLUS = 0x20b;
/** Data directory 4, the certificate table, behind the fixed part of the optional header. */
const CERTIFICATES = { plus: 112 + 4 * 8, plain: 96 + 4 * 8 } as const;

/** Null when `bytes` is no EFI program. */
export function readEfiProgram(bytes: Uint8Array): EfiProgram | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < PE_POINTER + 4 || view.getUint16(0, true) !== 0x5a4d) return null;
  const pe = view.getUint32(PE_POINTER, true);
  if (pe + OPTIONAL_HEADER + 160 > view.byteLength || view.getUint32(pe, true) !== 0x4550) return null;
  const kind = view.getUint16(pe + OPTIONAL_HEADER, true) === PE32_PLUS ? CERTIFICATES.plus : CERTIFICATES.plain;
  const signed = view.getUint32(pe + OPTIONAL_HEADER + kind + 4, true) > 0;
  return { machine: view.getUint16(pe + 4, true), signed };
}
