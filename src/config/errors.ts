import { defineError } from '../core/index.ts';

export const InvalidOption = defineError('InvalidOption', {
  status: 500,
  message: 'Invalid configuration',
  doc: 'One or more configuration values cannot be used; each line of the details names the option, where the value comes from and what is allowed. The agent does not start until they are corrected.',
});
