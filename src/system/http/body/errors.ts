import { defineError } from '../../../core/index.ts';

export const TransferFailed = defineError('TransferFailed', {
  status: 500,
  message: 'An HTTP transfer failed',
  doc: 'The connection could not be made, broke, or ended before the announced length; worth another try.',
});
export const TransferStalled = defineError('TransferStalled', {
  status: 500,
  message: 'An HTTP transfer stalled',
  doc: 'The server accepted the connection but sent nothing for the configured time; worth another try.',
});
export const TransferRefused = defineError('TransferRefused', {
  status: 500,
  message: 'An HTTP transfer is impossible',
  doc: 'The address, the certificate or the answer makes the transfer impossible; another try would end the same way.',
});
