import { defineError } from '../../src/core/index.ts';

export const ImageBuildFailed = defineError('ImageBuildFailed', {
  status: 500,
  message: 'The test image cannot be built',
  doc: 'The lab could not build its test operating system; details name the part and what to do.',
});
