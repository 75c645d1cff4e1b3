/** Heads of images that only qemu-img reads, made by hand: as small as their tables allow. */

export interface Patch {
  readonly at: number;
  readonly bytes: string | readonly number[];
}

const patched = (image: Buffer, patches: readonly Patch[]) => {
  for (const { at, bytes } of patches) image.set(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, at);
  return image;
};

export const descriptorOf = (...lines: readonly string[]): string =>
  [
    ...['# Disk DescriptorFile', 'version=1', 'CID=4ae34e3d', 'parentCID=ffffffff', 'createType="monolithicSparse"'],
    ...['', 'RW 81920 SPARSE "a.vmdk"', '', 'ddb.adapterType = "ide"', ...lines],
  ].join('\n');

/** A sparse VMDK of 40 MiB with this descriptor. */
export function vmdkHead(descriptor = descriptorOf(), ...patches: readonly Patch[]): Buffer {
  const image = Buffer.alloc(64 * 512);
  image.write('KDMV', 'latin1');
  image.writeUInt32LE(1, 4);
  image.writeBigUInt64LE(81_920n, 12);
  image.writeBigUInt64LE(128n, 20);
  image.writeBigUInt64LE(1n, 28);
  image.writeBigUInt64LE(20n, 36);
  image.writeUInt32LE(512, 44);
  image.writeBigUInt64LE(21n, 48);
  image.writeBigUInt64LE(30n, 56);
  image.write(descriptor, 512, 'latin1');
  return patched(image, patches);
}

/** A dynamic VHD of 40 MiB; its geometry is a little larger. */
export function vhdHead(...patches: readonly Patch[]): Buffer {
  const image = Buffer.alloc(1536);
  image.write('conectix', 'latin1');
  image.writeBigUInt64BE(41_943_040n, 0x28);
  image.writeBigUInt64BE(41_943_040n, 0x30);
  image.set([0x03, 0xc4, 5, 17], 0x38);
  image.writeUInt32BE(3, 0x3c);
  image.write('cxsparse', 512, 'latin1');
  return patched(image, patches);
}

/** A dynamic VDI of 40 MiB with two blocks in the file. */
export function vdiHead(...patches: readonly Patch[]): Buffer {
  const image = Buffer.alloc(1024);
  image.set([0x7f, 0x10, 0xda, 0xbe], 0x40);
  image.writeUInt32LE(0x10001, 0x44);
  image.writeUInt32LE(1, 0x4c);
  image.writeUInt32LE(512, 0x154);
  image.writeUInt32LE(1024, 0x158);
  image.writeBigUInt64LE(41_943_040n, 0x170);
  image.writeUInt32LE(1_048_576, 0x178);
  image.writeUInt32LE(40, 0x180);
  image.writeUInt32LE(2, 0x184);
  return patched(image, patches);
}
export const VDI_BYTES = 1024 + 2 * 1_048_576;

export const VHDX_METADATA = 0x20_0000;

/** A VHDX of 40 MiB with its metadata at 2 MiB. */
export function vhdxHead(...patches: readonly Patch[]): Buffer {
  const image = Buffer.alloc(VHDX_METADATA + 0x2_0000);
  image.write('vhdxfile', 'latin1');
  image.write('regi', 0x30000, 'latin1');
  image.writeUInt32LE(1, 0x30008);
  image.write('06a27c8b90479a4bb8fe575f050f886e', 0x30010, 'hex');
  image.writeBigUInt64LE(BigInt(VHDX_METADATA), 0x30020);
  image.writeUInt32LE(0x10_0000, 0x30028);
  image.write('metadata', VHDX_METADATA, 'latin1');
  image.writeUInt16LE(2, VHDX_METADATA + 10);
  image.write('3767a1ca36fa434db3b633f0aa44e76b', VHDX_METADATA + 32, 'hex');
  image.writeUInt32LE(0x1_0000, VHDX_METADATA + 48);
  image.write('2442a52f1bcd7648b2115dbed83bf4b8', VHDX_METADATA + 64, 'hex');
  image.writeUInt32LE(0x1_0008, VHDX_METADATA + 80);
  image.writeUInt32LE(0x20_0000, VHDX_METADATA + 0x1_0000);
  image.writeBigUInt64LE(41_943_040n, VHDX_METADATA + 0x1_0008);
  return patched(image, patches);
}
