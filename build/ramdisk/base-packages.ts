/** What the ramdisk needs besides the programs that the agent calls. */
export const basePackages = [
  'busybox-static',
  'ca-certificates',
  'dbus',
  'kmod',
  // The embedded runtime links against these three.
  'libatomic1',
  'libgcc-s1',
  'libstdc++6',
  'netbase',
  'openssh-server',
  'passwd',
  'procps',
  'sudo',
  'systemd',
  'systemd-resolved',
  'systemd-sysv',
  'udev',
] as const;

/** One per architecture of Debian. Not the cloud kernel: it lacks the drivers of real servers. */
export const kernelPackages: Readonly<Record<string, string>> = {
  'linux-image-amd64': 'amd64',
  'linux-image-arm64': 'arm64',
};

/** From the component non-free-firmware: network cards and storage adapters that do not work without. */
export const firmwarePackages = [
  'firmware-bnx2',
  'firmware-bnx2x',
  'firmware-cavium',
  'firmware-misc-nonfree',
  'firmware-netxen',
  'firmware-qlogic',
] as const;
