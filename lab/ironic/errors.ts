import { defineError } from '../../src/core/index.ts';

export const IronicRefused = defineError('IronicRefused', {
  status: 500,
  message: 'Ironic refused a request',
  doc: 'The API of the real Ironic answered with an error; details carry the request and its text.',
});
export const IronicNodeFailed = defineError('IronicNodeFailed', {
  status: 500,
  message: 'The node failed in Ironic',
  doc: 'The node reached a failed state; details carry its last error.',
});
