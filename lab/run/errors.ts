import { defineError } from '../../src/core/index.ts';

export const RescueFailed = defineError('RescueFailed', {
  status: 500,
  message: 'The rescued server cannot be used',
  doc: 'Ironic calls the node rescued, but its user cannot log in or the agent still serves.',
});
export const AgentNotBack = defineError('AgentNotBack', {
  status: 500,
  message: 'The killed agent did not come back',
  doc: 'The serial console did not show another process of the agent that serves its API.',
});
export const OsNotSeen = defineError('OsNotSeen', {
  status: 500,
  message: 'The deployed system did not report in',
  doc: 'The serial console did not show the expected system with the expected config drive.',
});
