import { type ForeignLayout, hexAt, need, type ReadAt, refuse, SECTOR, sizeOf, viewOf } from './fields.ts';

const VDI = 'vdi';
const VERSION = 0x0001_0001;
const KINDS: Readonly<Record<number, string>> = { 1: 'dynamic', 2: 'fixed', 3: 'undo', 4: 'differencing' };
const NO_UUID = '0'.repeat(32);

/** @throws InvalidImage, also when the file is too short for the blocks that it claims: qemu reads those as zeros */
export async function inspectVdi(read: ReadAt, fileBytes: number): Promise<ForeignLayout> {
  const header = await need(read, VDI, 0, SECTOR);
  const view = viewOf(header);
  const version = view.getUint32(0x44, true);
  if (version !== VERSION) throw refuse(VDI, `version 0x${version.toString(16)} is not supported`);
  const kind = view.getUint32(0x4c, true);
  if (kind !== 1 && kind !== 2) throw refuse(VDI, `its kind is ${KINDS[kind] ?? kind}`);
  if (hexAt(header, 0x1a8, 16) !== NO_UUID || hexAt(header, 0x1b8, 16) !== NO_UUID)
    throw refuse(VDI, 'it has a parent image');
  const blockBytes = view.getUint32(0x178, true) + view.getUint32(0x17c, true);
  const end = view.getUint32(0x158, true) + view.getUint32(0x184, true) * blockBytes;
  if (end > fileBytes) throw refuse(VDI, `it has ${fileBytes} bytes, but its blocks need ${end}: it was cut short`);
  return { virtualSize: sizeOf(view.getBigUint64(0x170, true), VDI) };
}
