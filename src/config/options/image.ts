import { bool, choice, count, integer, list, optional, text } from '../kinds/index.ts';
import { defineOption } from '../option.ts';

/** Fetching an image and putting it on a disk. */
export const imageOptions = {
  imageServerUser: defineOption({
    name: 'image_server_user',
    kind: optional(text),
    default: null,
    doc: 'User name for image servers that ask for one. Credentials in the image information of the node win.',
  }),
  imageServerPassword: defineOption({
    name: 'image_server_password',
    kind: optional(text),
    default: null,
    secret: true,
    doc: 'Password that belongs to image_server_user.',
  }),
  imageServerAuthStrategy: defineOption({
    name: 'image_server_auth_strategy',
    kind: choice(['noauth', 'http_basic']),
    default: 'noauth',
    doc: 'How the agent identifies itself to image servers.',
  }),
  imageDownloadConnectionTimeout: defineOption({
    name: 'image_download_connection_timeout',
    kind: integer(1),
    default: 60,
    kernel: 'ipa-image-download-connection-timeout',
    doc: 'Seconds to wait for a connection or for the next bytes of an image.',
  }),
  imageDownloadConnectionRetries: defineOption({
    name: 'image_download_connection_retries',
    kind: count,
    default: 9,
    kernel: 'ipa-image-download-connection-retries',
    doc: 'How often a failed image download is tried again.',
  }),
  imageDownloadConnectionRetryInterval: defineOption({
    name: 'image_download_connection_retry_interval',
    kind: count,
    default: 10,
    kernel: 'ipa-image-download-connection-retry-interval',
    doc: 'Seconds between two tries of an image download.',
  }),
  imageDownloadMaxDuration: defineOption({
    name: 'image_download_max_duration',
    kind: count,
    default: 0,
    kernel: 'ipa-image-download-max-duration',
    doc: 'Seconds an image download may take altogether; 0 means no limit.',
  }),
  imageDecompression: defineOption({
    name: 'image_decompression',
    kind: choice(['oci', 'always', 'never']),
    default: 'oci',
    doc: 'Whose images are unpacked on the way when they are compressed by gzip or zstd and declared raw or nothing: those from an OCI registry, all, or none. Others are written as they are.',
  }),
  md5Enabled: defineOption({
    name: 'md5_enabled',
    kind: bool,
    default: true,
    doc: 'Accept MD5 as image checksum. The conductor may override it at lookup.',
  }),
  disableDeepImageInspection: defineOption({
    name: 'disable_deep_image_inspection',
    kind: bool,
    default: false,
    doc: 'Trust the declared format of an image instead of looking into it. The conductor may override it at lookup.',
  }),
  permittedImageFormats: defineOption({
    name: 'permitted_image_formats',
    kind: list,
    default: ['raw', 'gpt', 'qcow2'],
    doc: 'Image formats that may be written: raw, gpt, iso, qcow2 and, by way of qemu-img, vmdk, vhd, vhdx, vdi. The conductor may override it at lookup.',
  }),
  disableBootcDeploy: defineOption({
    name: 'disable_bootc_deploy',
    kind: bool,
    default: false,
    doc: 'Refuse to deploy bootable containers.',
  }),
  configDriveRebuild: defineOption({
    name: 'config_drive_rebuild',
    kind: bool,
    default: false,
    doc: 'Always rewrite the config drive as a FAT file system, for firmware and systems that cannot read ISO 9660.',
  }),
  ignoreBootloaderFailure: defineOption({
    name: 'ignore_bootloader_failure',
    kind: optional(bool),
    default: null,
    kernel: 'ipa-ignore-bootloader-failure',
    doc: 'Go on when the boot loader cannot be installed. Unset leaves the decision to the node.',
  }),
  enableBiosBootloaderInstall: defineOption({
    name: 'enable_bios_bootloader_install',
    kind: bool,
    default: false,
    doc: 'Allow running grub-install of a partition image that brings no boot loader. This runs code of the image as root in the ramdisk (CVE-2026-43003), also in UEFI mode. The conductor may switch it on at lookup.',
  }),
  injectFilesPriority: defineOption({
    name: 'inject_files_priority',
    kind: integer(0, 99),
    default: 0,
    kernel: 'ipa-inject-files-priority',
    doc: 'Priority of the step inject_files, which puts files into the deployed system. 0: it runs only on request. Below 80 it runs after the image is written.',
  }),
} as const;
