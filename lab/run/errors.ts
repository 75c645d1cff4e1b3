import { defineError } from '../../src/core/index.ts';

export const OsNotSeen = defineError('OsNotSeen', {
  status: 500,
  message: 'The deployed system did not report in',
  doc: 'The serial console did not show the expected system with the expected config drive.',
});
