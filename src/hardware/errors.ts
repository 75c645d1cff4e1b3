import { defineError } from '../core/index.ts';

export const DeviceNotFound = defineError('DeviceNotFound', {
  status: 404,
  message: 'Error finding the disk or partition device to deploy the image onto',
  doc: 'No disk fits: details list every disk and why it lost. Correct the root device hints, the skip list or the hardware.',
});
export const BlockDeviceEraseFailed = defineError('BlockDeviceEraseError', {
  status: 500,
  message: 'Error erasing block device',
  doc: 'One or more devices could not be erased; details give the reason per device. Others may have been erased.',
});
export const BlockDeviceFailed = defineError('BlockDeviceError', {
  status: 500,
  message: 'Block device caused unknown error',
  doc: 'A disk cannot be listed, is in use by something the agent must not stop, or did not become free.',
});
export const ProtectedDevice = defineError('ProtectedDeviceError', {
  status: 500,
  message: 'Protected data found on a device',
  messageIsDetails: true,
  doc: 'A cluster file system or the running system lives on a device; nothing was erased. Details name device and finding.',
});
export const SystemRebootFailed = defineError('SystemRebootError', {
  status: 500,
  message: 'Error rebooting system',
  doc: 'Neither init nor the kernel accepted the request to power off or restart; use the BMC.',
});
export const ClockSyncFailed = defineError('ClockSyncError', {
  status: 500,
  message: 'Error syncing system clock',
  doc: 'The time server did not answer, or no program of the ramdisk can ask it. Fatal only with fail_if_clock_not_set.',
});
export const VirtualMediaBootFailed = defineError('VirtualMediaBootError', {
  status: 500,
  message: 'Configuring agent from virtual media failed',
  doc: 'A virtual floppy or CD that carries parameters or configuration for the agent cannot be read, or holds what cannot be taken over; details name device and file. The agent ends and its service starts it again.',
});
export const ContainerNotPermitted = defineError('ContainerNotPermittedError', {
  status: 500,
  message: 'Container image not permitted',
  doc: 'A step names a container image that this ramdisk may not run. Add the image, letter by letter, to [container]allowed_containers, or set [container]allow_arbitrary_containers; the conductor may set both.',
});
export const HardwareManagerMisconfigured = defineError('HardwareManagerConfigurationError', {
  status: 500,
  message: 'Hardware manager configuration error',
  doc: 'The file of container steps has a mistake, which the details name, or the program that runs containers is missing in the ramdisk.',
});
