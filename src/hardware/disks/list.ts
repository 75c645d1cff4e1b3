import { reasonOf } from '../../core/index.ts';
import { type BlockRow, lsblkList, readUdevRecord, type UdevRecord, udevadmSettle } from '../../system/index.ts';
import { BlockDeviceFailed } from '../errors.ts';
import type { HardwarePorts } from '../ports.ts';
import type { Disk } from './disk.ts';
import { partitionsOf, sysBlock } from './sysfs.ts';

type ReadPorts = Pick<HardwarePorts, 'tools' | 'files' | 'log'>;

/**
 * Disks, RAID volumes and multipath maps in kernel order, once each (inventory 2.4).
 * @throws BlockDeviceError when they cannot be listed
 */
export async function listDisks(ports: ReadPorts, signal?: AbortSignal): Promise<readonly Disk[]> {
  await settle(ports, signal);
  const rows = await ports.tools.run(lsblkList, undefined, signal).catch((error: unknown) => {
    throw BlockDeviceFailed(`cannot list block devices: ${reasonOf(error)}`, { cause: error });
  });
  const candidates = keepDisks(rows);
  const paths = await Promise.all(candidates.map((row) => multipathMapOf(ports, row)));
  const shown = candidates.filter((row, at) => {
    const map = paths[at] ?? null;
    if (map !== null) ports.log.debug('disk.path.hidden', { disk: row.kname, map });
    return map === null;
  });
  return Promise.all(shown.map((row) => describe(ports, row)));
}

/** A ramdisk without udev still lists; a slow udev only costs fields. */
export async function settle(ports: Pick<ReadPorts, 'tools' | 'log'>, signal?: AbortSignal): Promise<void> {
  await ports.tools.run(udevadmSettle, undefined, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    ports.log.warn('udev.settle.failed', { reason: reasonOf(error) });
  });
}

/** The filters of inventory 2.4: no floppies, RAM disks, partitions, CD-ROMs, loops or empty devices. */
export function keepDisks(rows: readonly BlockRow[]): readonly BlockRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    if (seen.has(row.kname) || /^(fd|ram|zram)\d*/.test(row.kname) || row.bytes <= 0) return false;
    if (row.type !== 'disk' && row.type !== 'mpath' && !row.type.includes('raid')) return false;
    seen.add(row.kname);
    return true;
  });
}

/** The multipath map that hides this path, or null. */
async function multipathMapOf({ files }: ReadPorts, row: BlockRow): Promise<string | null> {
  for (const holder of await files.list(`${sysBlock(row.kname)}/holders`)) {
    const uuid = await files.textOrNull(`${sysBlock(holder)}/dm/uuid`);
    if (uuid?.startsWith('mpath-') === true) return holder;
  }
  return null;
}

async function udevOf({ files }: ReadPorts, kname: string): Promise<UdevRecord> {
  const numbers = await files.textOrNull(`${sysBlock(kname)}/dev`);
  return readUdevRecord(files, `b${numbers ?? ''}`);
}

const filled = (value: string | null | undefined) => (value === undefined || value?.trim() === '' ? null : value);
const present = (values: readonly (string | null | undefined)[]) =>
  values.flatMap((value) => filled(value?.trim()) ?? []);

/** The link that udev itself derives from the path; aliases differ between udev versions. */
function byPathOf(links: readonly string[], idPath: string | undefined): string | null {
  const own = links.find((link) => link === `/dev/disk/by-path/${idPath}`);
  return own ?? links.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? null;
}

async function describe(ports: ReadPorts, row: BlockRow): Promise<Disk> {
  const { files } = ports;
  const sys = sysBlock(row.kname);
  const [udev, vendor, scsi, readOnly, raidMember] = await Promise.all([
    udevOf(ports, row.kname),
    files.textOrNull(`${sys}/device/vendor`),
    files.list(`${sys}/device/scsi_device`),
    files.textOrNull(`${sys}/ro`),
    isRaidMember(ports, row.kname),
  ]);
  const of = (key: string) => filled(udev.properties.get(`ID_${key}`)) ?? filled(udev.properties.get(`DM_${key}`));
  const byPaths = udev.links.filter((link) => link.startsWith('disk/by-path/')).map((link) => `/dev/${link}`);
  return {
    path: `/dev/${row.kname}`,
    kname: row.kname,
    type: row.type,
    model: row.model,
    size: row.bytes,
    rotational: row.rotational,
    wwn: row.wwn ?? of('WWN'),
    serial: row.serial ?? of('SERIAL_SHORT') ?? of('SERIAL'),
    vendor: filled(vendor),
    wwnWithExtension: of('WWN_WITH_EXTENSION'),
    wwnVendorExtension: of('WWN_VENDOR_EXTENSION'),
    hctl: scsi[0] ?? null,
    byPath: byPathOf(byPaths, udev.properties.get('ID_PATH')),
    logicalSectorBytes: row.logicalSectorBytes,
    physicalSectorBytes: row.physicalSectorBytes,
    tran: row.tran,
    readOnly: readOnly === '1',
    allSerials: present([row.serial, of('SERIAL_SHORT'), of('SERIAL')]),
    allWwns: present([row.wwn, of('WWN')]),
    allByPaths: byPaths,
    label: filled(udev.properties.get('ID_FS_LABEL')),
    raidMember,
  };
}

/** Of a disk together with its partitions. */
async function isRaidMember(ports: ReadPorts, kname: string): Promise<boolean> {
  const { files } = ports;
  const all = [kname, ...(await partitionsOf(files, kname))];
  const records = await Promise.all(all.map((name) => udevOf(ports, name)));
  const holders = (await Promise.all(all.map((name) => files.list(`${sysBlock(name)}/holders`)))).flat();
  const types = records.map((record) => record.properties.get('ID_FS_TYPE') ?? '');
  return holders.some((name) => /^md/.test(name)) || types.some((type) => type.endsWith('_raid_member'));
}
