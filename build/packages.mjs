/**
 * Debian packages by purpose: `{ <package>: <a command it brings> }`. Where there is no dpkg to ask, a command in PATH
 * stands for its package; a package without a command ('') is then taken for granted.
 */
const build = {
  binutils: 'strip',
  // The runtime needs libatomic.so.1, which a minimal system lacks.
  libatomic1: '',
};

const arm64 = { 'binutils-aarch64-linux-gnu': 'aarch64-linux-gnu-strip' };

const ramdisk = {
  'python3-diskimage-builder': 'disk-image-create',
  debootstrap: 'debootstrap',
  sudo: 'sudo',
  'debian-archive-keyring': '',
  mmdebstrap: 'mmdebstrap',
  'squashfs-tools': 'mksquashfs',
  'busybox-static': 'busybox',
  cpio: 'cpio',
  kmod: 'depmod',
  'xz-utils': 'xz',
  zstd: 'zstd',
  fdisk: 'sfdisk',
  gdisk: 'sgdisk',
  'qemu-utils': 'qemu-img',
  // diskimage-builder asks it which processes hold its mounts.
  procps: 'ps',
  'util-linux': 'setpriv',
};

const machine = {
  'qemu-system-x86': 'qemu-system-x86_64',
  ovmf: '',
  seabios: '',
  'ipxe-qemu': '',
  ipxe: '',
  'dnsmasq-base': 'dnsmasq',
  iproute2: 'ip',
  socat: 'socat',
  'grub-common': 'grub-mkimage',
  'grub-pc-bin': '',
  'grub-efi-amd64-bin': '',
  mtools: 'mcopy',
  dosfstools: 'mkfs.vfat',
  e2fsprogs: 'mke2fs',
  xorriso: 'xorriso',
  openssl: 'openssl',
};

/** What the agent itself calls, for tests on loop devices and `inventory` on this machine. */
const agentTools = {
  udev: 'udevadm',
  parted: 'parted',
  mdadm: 'mdadm',
  'nvme-cli': 'nvme',
  hdparm: 'hdparm',
  smartmontools: 'smartctl',
  efibootmgr: 'efibootmgr',
  ethtool: 'ethtool',
  dmidecode: 'dmidecode',
  ipmitool: 'ipmitool',
  lshw: 'lshw',
  pciutils: 'lspci',
  psmisc: 'fuser',
  tcpdump: 'tcpdump',
  // Reads back what the agent wrote, by another hand.
  genisoimage: 'isoinfo',
  podman: 'podman',
};

/** The real Ironic of Debian, the reference conductor of one VM test. */
const conductor = {
  'ironic-api': '',
  'ironic-conductor': '',
  'python3-ironicclient': '',
  'python3-openstackclient': 'openstack',
  // The programs without the service files: nothing starts when it is installed.
  'python3-ironic-inspector': 'ironic-inspector',
  'python3-pyghmi': '',
  // Log in to a rescued server.
  'openssh-client': 'ssh',
  sshpass: 'sshpass',
};

/** What the measurements compare with, and how they measure. */
const bench = {
  'nginx-light': 'nginx',
  curl: 'curl',
  time: 'time',
};

const lab = { ...build, ...ramdisk, ...machine };

export const purposes = {
  build,
  arm64: { ...build, ...arm64 },
  lab,
  bench: { ...lab, ...bench },
  test: { ...lab, ...agentTools, ...conductor, ...bench },
};
