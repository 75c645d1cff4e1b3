import { GiB } from '../../core/index.ts';
import type { Disk } from './disk.ts';

const LABELS = ['ir-vfd-dev', 'config-2', 'vmedia_boot_iso'];
const SMALL_BYTES = 8 * GiB;

/**
 * Media that a BMC shows as a disk to hand over the ramdisk or its configuration: small, on USB, and labelled as a
 * whole, in any case (steps 3.13). A label alone proves nothing, least of all that of a partition: a tenant can write
 * it on any disk, which would then never be erased.
 * @param more labels of the whole device that udev may not know
 */
export function isVirtualMedia(disk: Pick<Disk, 'label' | 'tran' | 'size'>, more: readonly string[] = []): boolean {
  if (disk.tran !== 'usb' || disk.size >= SMALL_BYTES) return false;
  return [disk.label ?? '', ...more].some((label) => LABELS.includes(label.toLowerCase()));
}
