import { type Static, Type } from 'typebox';

const Text = Type.Union([Type.String(), Type.Null()]);

/** A disk on the wire (inventory 2.4). */
export const DiskRecord = Type.Object({
  name: Type.String(),
  model: Text,
  size: Type.Integer({ minimum: 0 }),
  rotational: Type.Boolean(),
  wwn: Text,
  serial: Text,
  vendor: Text,
  wwn_with_extension: Text,
  wwn_vendor_extension: Text,
  hctl: Text,
  by_path: Text,
  logical_sectors: Type.Integer(),
  physical_sectors: Type.Integer(),
  tran: Text,
});
export type DiskRecord = Static<typeof DiskRecord>;

/** A whole disk, RAID volume or multipath map with all that is known about it. */
export interface Disk {
  /** `/dev/sda`. */
  readonly path: string;
  readonly kname: string;
  /** lsblk type: `disk`, `raid1`, `dmraid`, `mpath`, ... */
  readonly type: string;
  readonly model: string | null;
  /** Bytes. */
  readonly size: number;
  readonly rotational: boolean;
  readonly wwn: string | null;
  readonly serial: string | null;
  readonly vendor: string | null;
  readonly wwnWithExtension: string | null;
  readonly wwnVendorExtension: string | null;
  /** SCSI host:channel:target:lun. */
  readonly hctl: string | null;
  readonly byPath: string | null;
  readonly logicalSectorBytes: number;
  readonly physicalSectorBytes: number;
  readonly tran: string | null;
  readonly readOnly: boolean;
  /** Every serial, WWN and by-path link that hints may name (inventory 2.4, all values). */
  readonly allSerials: readonly string[];
  readonly allWwns: readonly string[];
  readonly allByPaths: readonly string[];
  /** File system label of the whole device, as udev knows it. */
  readonly label: string | null;
  /** It or one of its partitions belongs to a software RAID array, running or not. */
  readonly raidMember: boolean;
}

export function toWireDisk(disk: Disk): DiskRecord {
  return {
    name: disk.path,
    model: disk.model,
    size: disk.size,
    rotational: disk.rotational,
    wwn: disk.wwn,
    serial: disk.serial,
    vendor: disk.vendor,
    wwn_with_extension: disk.wwnWithExtension,
    wwn_vendor_extension: disk.wwnVendorExtension,
    hctl: disk.hctl,
    by_path: disk.byPath,
    logical_sectors: disk.logicalSectorBytes,
    physical_sectors: disk.physicalSectorBytes,
    tran: disk.tran,
  };
}
