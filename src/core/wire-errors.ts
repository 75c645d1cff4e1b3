import { defineError } from './errors.ts';

/** Errors of the command protocol itself (protocol.md 9). Rooms declare their own in `<room>/errors.ts`. */
export const RestError = defineError('RESTError', {
  status: 500,
  message: 'An error occurred',
  doc: 'A fault inside the agent that has no better name. Collect the agent log and report it.',
});
export const InvalidContent = defineError('InvalidContentError', {
  status: 400,
  message: 'Invalid request body',
  doc: 'The request body is not JSON or lacks name or params.',
});
export const InvalidCommand = defineError('InvalidCommandError', {
  status: 400,
  message: 'Invalid command',
  doc: 'The command name is malformed or this agent has no such command.',
});
export const InvalidCommandParams = defineError('InvalidCommandParamsError', {
  status: 400,
  message: 'Invalid command parameters',
  doc: 'A parameter is missing or has a wrong type or value; nothing was started.',
});
export const NotFound = defineError('NotFound', {
  status: 404,
  message: 'Not found',
  doc: 'The path does not exist in the agent API.',
});
export const RequestedObjectNotFound = defineError('RequestedObjectNotFoundError', {
  status: 404,
  message: 'Not found',
  doc: 'The extension or the command result asked for does not exist.',
});
export const CommandExecutionFailed = defineError('CommandExecutionError', {
  status: 500,
  message: 'Command execution failed',
  doc: 'A command stopped on a fault that has no type of its own; details carry the cause.',
});
/** The name is Python's: conductors look for it in a synchronous answer, and try again without newer parameters (protocol.md 8.1). */
export const UnknownParameter = defineError('TypeError', {
  status: 500,
  message: 'Command execution failed',
  doc: 'A synchronous command got a parameter that it does not know; nothing was started. The conductor is newer than the agent.',
});
export const AgentIsBusy = defineError('AgentIsBusy', {
  status: 409,
  message: 'Agent is busy',
  doc: 'Another command runs; the conductor tries again at the next heartbeat.',
});
export const Unauthorized = defineError('Unauthorized', {
  status: 401,
  message: '401 Unauthorized',
  doc: 'The agent token is missing or wrong.',
});
export const VersionMismatch = defineError('VersionMismatch', {
  status: 409,
  message: 'Hardware managers version mismatch, reload agent with correct version',
  doc: 'The step was planned for other hardware manager versions; the conductor restarts the procedure.',
});
export const CleaningFailed = defineError('CleaningError', {
  status: 500,
  message: 'Clean step failed',
  doc: 'A clean step stopped on an unexpected fault; details name the step and the cause.',
});
export const DeploymentFailed = defineError('DeploymentError', {
  status: 500,
  message: 'Deploy step failed',
  doc: 'A deploy step stopped on an unexpected fault; details name the step and the cause.',
});
export const ServicingFailed = defineError('ServicingError', {
  status: 500,
  message: 'Service step failed',
  doc: 'A service step stopped on an unexpected fault; details name the step and the cause.',
});
export const HardwareManagerMethodNotFound = defineError('HardwareManagerMethodNotFound', {
  status: 500,
  message: 'No HardwareManager found to handle method',
  doc: 'No hardware manager of this ramdisk offers the step; details name it.',
});
export const IncompatibleHardwareMethod = defineError('IncompatibleHardwareMethodError', {
  status: 500,
  message: 'HardwareManager method is not compatible with hardware',
  doc: 'The command exists, but no hardware manager of this ramdisk supports it on this machine.',
});
