import { defineError } from '../../src/core/index.ts';

export const AgentBusy = defineError('AgentBusy', {
  status: 409,
  message: 'The agent is busy',
  doc: 'The agent runs another command; the conductor tries again at the next heartbeat.',
});
export const AgentApiFailed = defineError('AgentApiFailed', {
  status: 500,
  message: 'The agent refused a command',
  doc: 'The agent answered a command with an HTTP error or with something that is not a command; details carry its text.',
});
export const AgentUnreachable = defineError('AgentUnreachable', {
  status: 500,
  message: 'The agent cannot be reached',
  doc: 'No connection to the agent, or no answer in time, after every allowed attempt.',
});
export const NodeUnknown = defineError('NodeUnknown', {
  status: 404,
  message: 'No such node',
  doc: 'The conductor has no node with this UUID, name or MAC address.',
});
export const ProcedureFailed = defineError('ProcedureFailed', {
  status: 500,
  message: 'A procedure of the conductor failed',
  doc: 'Inspection, cleaning or deployment ended in its failed state; details carry the node’s last error.',
});
