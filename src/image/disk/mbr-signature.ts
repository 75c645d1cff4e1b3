import { readFromDevice } from '../../system/index.ts';

/** The disk signature at byte 440 as the conductor expects it: `0x0a1b2c3d`; zero for most GPT disks (imaging 1.7). */
export async function mbrSignature(path: string): Promise<string> {
  const bytes = await readFromDevice(path, 440, 4);
  const value = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  return `0x${value.toString(16).padStart(8, '0')}`;
}
