export interface BootScriptSpec {
  /** URLs. */
  readonly kernel: string;
  readonly initramfs: string;
  /** Kernel parameters. */
  readonly append: string;
}

/** The iPXE script in the form that Ironic writes: it tells the ramdisk the MAC it booted from, and never gives up. */
export const bootScript = (spec: BootScriptSpec): string =>
  [
    '#!ipxe',
    ':retry',
    'imgfree',
    `kernel ${spec.kernel} selinux=0 troubleshoot=0 text ${spec.append} BOOTIF=\${mac} initrd=deploy_ramdisk || goto again`,
    `initrd --name deploy_ramdisk ${spec.initramfs} || goto again`,
    'boot || goto again',
    ':again',
    'echo The ramdisk could not be loaded, next try in 5 seconds',
    'sleep 5',
    'goto retry',
    '',
  ].join('\n');
