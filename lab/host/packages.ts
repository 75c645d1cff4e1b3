/** Programs the lab starts on the host, and the Debian package that brings each. */
export const programPackages = {
  'apt-cache': 'apt',
  'apt-get': 'apt',
  debugfs: 'e2fsprogs',
  depmod: 'kmod',
  dnsmasq: 'dnsmasq-base',
  'dpkg-deb': 'dpkg',
  'grub-mkimage': 'grub-common',
  ip: 'iproute2',
  mcopy: 'mtools',
  'mkfs.vfat': 'dosfstools',
  mke2fs: 'e2fsprogs',
  'qemu-img': 'qemu-utils',
  'qemu-system-x86_64': 'qemu-system-x86',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  xorriso: 'xorriso',
} as const;

export type Program = keyof typeof programPackages;

/** Packages that bring files, not programs: firmware, network boot programs, boot loader modules. */
const filePackages = ['grub-efi-amd64-bin', 'grub-pc-bin', 'ipxe', 'ipxe-qemu', 'ovmf', 'seabios'] as const;

/** Everything `apt-get install` must bring before the lab can run, sorted; essential packages are left out. */
export const labPackages: readonly string[] = [...new Set([...Object.values(programPackages), ...filePackages])]
  .filter((name) => !['apt', 'dpkg', 'util-linux'].includes(name))
  .sort();
