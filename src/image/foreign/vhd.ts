import { type ForeignLayout, need, type ReadAt, refuse, SECTOR, sizeOf, viewOf } from './fields.ts';

const VHD = 'vhd';
const KINDS: Readonly<Record<number, string>> = { 2: 'fixed', 3: 'dynamic', 4: 'differencing' };
const DYNAMIC = 3;
/** A geometry at its limit says nothing. */
const MAX_GEOMETRY = 65_535 * 16 * 255;

/** A dynamic image starts with a copy of its footer. Depending on the program that made it, its size or its geometry
 * counts, so the larger of both is the bound. @throws InvalidImage */
export async function inspectVhd(read: ReadAt): Promise<ForeignLayout> {
  const view = viewOf(await need(read, VHD, 0, SECTOR));
  const kind = view.getUint32(0x3c);
  if (kind !== DYNAMIC) throw refuse(VHD, `its kind is ${KINDS[kind] ?? kind}, only dynamic ones are supported`);
  const size = sizeOf(view.getBigUint64(0x30), VHD);
  const sectors = view.getUint16(0x38) * view.getUint8(0x3a) * view.getUint8(0x3b);
  return { virtualSize: sectors === MAX_GEOMETRY ? size : Math.max(size, sectors * SECTOR) };
}
