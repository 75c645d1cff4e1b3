import { GiB } from '../../core/index.ts';
import type { Disk } from './disk.ts';

const ALWAYS = ['ir-vfd-dev'];
/** A config drive partition on a real disk has the same label: only small USB media count. */
const ON_SMALL_USB = ['config-2', 'vmedia_boot_iso'];
const SMALL_BYTES = 8 * GiB;

/** Media that a BMC shows as a disk to hand over the ramdisk or its configuration; labels in any case (steps 3.3). */
export function isVirtualMedia(disk: Pick<Disk, 'labels' | 'tran' | 'removable' | 'size'>): boolean {
  const labels = disk.labels.map((label) => label.toLowerCase());
  if (labels.some((label) => ALWAYS.includes(label))) return true;
  const smallUsb = (disk.tran === 'usb' || disk.removable) && disk.size < SMALL_BYTES;
  return smallUsb && labels.some((label) => ON_SMALL_USB.includes(label));
}
