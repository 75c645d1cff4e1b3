import { type ForeignLayout, need, type ReadAt, refuse, SECTOR, sizeOf, textAt, viewOf } from './fields.ts';

const VMDK = 'vmdk';
/** qemu reads this much of a descriptor, whatever the header says about its length. */
const DESCRIPTOR_SECTORS = 20;
const MAX_DESCRIPTOR_SECTORS = 128;
const GRAINS_AT_END = 0xffff_ffff_ffff_ffffn;
const SELF_CONTAINED = new Set(['monolithicsparse', 'streamoptimized']);
const EXTENT = /^(rw|rdonly|noaccess) /;
const FIELD = /^(\w+)\s*=\s*(.*)$/;

interface Descriptor {
  readonly fields: ReadonlyMap<string, string>;
  readonly extents: readonly string[];
}

function parseDescriptor(text: string): Descriptor {
  const fields = new Map<string, string>();
  const extents: string[] = [];
  for (const line of text.split('\n').map((one) => one.trim().toLowerCase())) {
    const field = FIELD.exec(line);
    if (line === '' || line.startsWith('#') || line.startsWith('ddb')) continue;
    if (EXTENT.test(line)) extents.push(line);
    else if (field !== null) fields.set(field[1] ?? '', (field[2] ?? '').replaceAll('"', ''));
    else throw refuse(VMDK, `its descriptor has an unknown line: ${line.slice(0, 80)}`);
  }
  return { fields, extents };
}

/** The descriptor may name other files: parents and extents. Nothing of that kind may be in it, not even in a comment,
 * because qemu searches all of the text for the name of the parent. */
function checkDescriptor(text: string): void {
  if (/parentfilenamehint/i.test(text)) throw refuse(VMDK, 'it names a parent image');
  const { fields, extents } = parseDescriptor(text);
  const type = fields.get('createtype') ?? '';
  if (!SELF_CONTAINED.has(type)) throw refuse(VMDK, `its kind is ${type === '' ? 'unknown' : type}`);
  if ((fields.get('parentcid') ?? 'ffffffff') !== 'ffffffff') throw refuse(VMDK, 'it has a parent image');
  const [extent, ...others] = extents;
  if (extent === undefined) throw refuse(VMDK, 'its descriptor has no extent');
  if (others.length > 0) throw refuse(VMDK, 'it consists of several files');
  if (/[/\\]/.test(extent)) throw refuse(VMDK, 'its extent is another file');
  if (!/^\w+ \d+ sparse "[^"]*"$/.test(extent)) throw refuse(VMDK, `its extent is not sparse: ${extent.slice(0, 80)}`);
}

/** Accepts one file with everything in it (imaging 2.4). @throws InvalidImage */
export async function inspectVmdk(read: ReadAt): Promise<ForeignLayout> {
  const header = await need(read, VMDK, 0, SECTOR);
  const view = viewOf(header);
  const version = view.getUint32(4, true);
  if (version < 1 || version > 3) throw refuse(VMDK, `version ${version} is not supported`);
  if (view.getBigUint64(56, true) === GRAINS_AT_END) throw refuse(VMDK, 'its header is at its end');
  if (view.getBigUint64(28, true) !== 1n) throw refuse(VMDK, 'its descriptor is not where it should be');
  const sectors = view.getBigUint64(36, true);
  if (sectors < 1n || sectors > MAX_DESCRIPTOR_SECTORS) throw refuse(VMDK, `its descriptor has ${sectors} sectors`);
  const region = await need(read, VMDK, SECTOR, Math.max(Number(sectors), DESCRIPTOR_SECTORS) * SECTOR);
  const end = region.indexOf(0);
  if (end < 0) throw refuse(VMDK, 'its descriptor has no end');
  if (region.subarray(0, end).some((byte) => byte > 0x7e)) throw refuse(VMDK, 'its descriptor is not text');
  checkDescriptor(textAt(region, 0, end));
  return { virtualSize: sizeOf(view.getBigUint64(12, true), VMDK, BigInt(SECTOR)) };
}
