import { defineError } from '../../../core/index.ts';

export const DecoderLost = defineError('DecoderLost', {
  status: 500,
  message: 'A thread that decodes the image ended',
  doc: 'A decoder thread died in the middle of its work; details carry its last words. Usually memory ran out.',
});
