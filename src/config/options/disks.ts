import { bool, count, integer, matching } from '../kinds/index.ts';
import { defineOption } from '../option.ts';

const section = 'disk_utils';
const partitioner = 'disk_partitioner';

/** Which disks are waited for, chosen, protected, and how partitions are made. */
export const diskOptions = {
  diskWaitAttempts: defineOption({
    name: 'disk_wait_attempts',
    kind: count,
    default: 10,
    kernel: 'ipa-disk-wait-attempts',
    doc: 'How often the agent looks for the root disk at start; 0 does not wait.',
  }),
  diskWaitDelay: defineOption({
    name: 'disk_wait_delay',
    kind: count,
    default: 3,
    kernel: 'ipa-disk-wait-delay',
    doc: 'Seconds between two looks for the root disk.',
  }),
  defaultRootDiskParity: defineOption({
    name: 'default_root_disk_parity',
    kind: bool,
    default: false,
    kernel: 'ipa-default-root-disk-parity',
    doc: 'Without root device hints choose as ironic-python-agent does, even if that is a USB, SD or read-only disk.',
  }),
  guardSpecialFilesystems: defineOption({
    name: 'guard_special_filesystems',
    kind: bool,
    default: true,
    kernel: 'ipa-guard-special-filesystems',
    flag: 'guard-special-filesystems',
    aliases: [{ section: 'DEFAULT', name: 'guard-special-filesystems' }],
    doc: 'Refuse to erase disks that hold a file system shared with other machines.',
  }),
  diskUtilsEfiSystemPartitionSize: defineOption({
    section,
    name: 'efi_system_partition_size',
    kind: integer(1),
    default: 550,
    doc: 'Size in MiB of the EFI system partition that the agent makes for a partition image.',
  }),
  diskUtilsBiosBootPartitionSize: defineOption({
    section,
    name: 'bios_boot_partition_size',
    kind: integer(1),
    default: 1,
    doc: 'Size in MiB of the BIOS boot partition that the agent makes for a partition image.',
  }),
  diskUtilsDdBlockSize: defineOption({
    section,
    name: 'dd_block_size',
    kind: matching('^\\d+[a-zA-Z]*$', 'a size such as 1M'),
    default: '1M',
    effect: 'never',
    doc: 'Block size of raw writes by dd. The agent writes images itself.',
  }),
  diskUtilsPartitionDetectionAttempts: defineOption({
    section,
    name: 'partition_detection_attempts',
    kind: integer(1),
    default: 3,
    doc: 'How often, a second apart, the agent looks for a new partition before it gives up.',
  }),
  diskUtilsPartprobeAttempts: defineOption({
    section,
    name: 'partprobe_attempts',
    kind: count,
    default: 10,
    effect: 'never',
    doc: 'How often partprobe is tried. The agent tells the kernel partition by partition, which a busy one does not stop.',
  }),
  diskUtilsImageConvertMemoryLimit: defineOption({
    section,
    name: 'image_convert_memory_limit',
    kind: integer(1),
    default: 2048,
    doc: 'Memory limit in MiB of qemu-img, for the formats that the agent cannot read itself (vmdk, vhd, vhdx, vdi).',
  }),
  diskUtilsImageConvertAttempts: defineOption({
    section,
    name: 'image_convert_attempts',
    kind: integer(1),
    default: 3,
    doc: 'How often a conversion by qemu-img is tried when it fails for want of memory.',
  }),
  diskPartitionerCheckDeviceInterval: defineOption({
    section: partitioner,
    name: 'check_device_interval',
    kind: count,
    default: 1,
    doc: 'Seconds between two checks whether a disk is still in use.',
  }),
  diskPartitionerCheckDeviceMaxRetries: defineOption({
    section: partitioner,
    name: 'check_device_max_retries',
    kind: count,
    default: 20,
    doc: 'How often a busy disk is checked before the operation fails.',
  }),
} as const;
