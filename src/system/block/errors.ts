import { defineError } from '../../core/index.ts';

export const DeviceBusy = defineError('DeviceBusy', {
  status: 500,
  message: 'A disk or partition is in use',
  doc: 'The device could not be opened for exclusive use: a mount, an array, a volume group or a program still holds it.',
});
export const BlockIoFailed = defineError('BlockIoFailed', {
  status: 500,
  message: 'Reading or writing a disk failed',
  doc: 'The kernel reported an error from the device; details name device, position and reason.',
});
