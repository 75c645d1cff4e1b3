import { defineError } from '../../src/core/index.ts';

export const LabUsage = defineError('LabUsage', {
  status: 400,
  message: 'The lab cannot do that',
  doc: 'An option of the lab has a value that is not possible; details name it.',
});
export const PreparationFailed = defineError('PreparationFailed', {
  status: 500,
  message: 'The lab could not prepare itself',
  doc: 'Building the binary, the ramdisk or the image failed; details carry the last lines of the build.',
});
