import { defineError } from '../../src/core/index.ts';

export const HostNotReady = defineError('HostNotReady', {
  status: 500,
  message: 'This host cannot run the lab',
  doc: 'A package, a privilege or disk space is missing on the host; the hint is the command that mends it.',
});
export const CommandFailed = defineError('CommandFailed', {
  status: 500,
  message: 'A host command failed',
  doc: 'A program that the lab runs on the host ended with an error; details carry the command and its last lines.',
});
export const DaemonFailed = defineError('DaemonFailed', {
  status: 500,
  message: 'A lab process failed',
  doc: 'A long-lived process of the lab ended or never became ready; details name its log file.',
});
export const TimedOut = defineError('TimedOut', {
  status: 500,
  message: 'Nothing happened in time',
  doc: 'The lab waited for an event that did not come; details say for what, for how long and what was seen last.',
});
