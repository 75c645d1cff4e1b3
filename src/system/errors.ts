import { defineError } from '../core/index.ts';

export const ToolMissing = defineError('ToolMissing', {
  status: 500,
  message: 'A program is missing in the ramdisk',
  doc: 'The ramdisk lacks a program that this operation needs; rebuild it with the package named in the details.',
});
export const ToolFailed = defineError('ToolFailed', {
  status: 500,
  message: 'An external program failed',
  doc: 'A program of the ramdisk ended with an error; details carry command, exit code and its last error line.',
});
export const ToolTimedOut = defineError('ToolTimedOut', {
  status: 500,
  message: 'An external program did not finish in time',
  doc: 'A program of the ramdisk hung and was ended together with its children; suspect the hardware it talks to.',
});
export const PrivateDirectoryRefused = defineError('PrivateDirectoryRefused', {
  status: 500,
  message: 'The runtime directory cannot be used',
  doc: 'The directory of runtime_dir is not ours alone: correct its owner and mode, or name another one. Until then a restart of the agent loses what it knew.',
});
export const PathRefused = defineError('PathRefused', {
  status: 500,
  message: 'A path in a file system cannot be used',
  doc: 'A path in a mounted file system leads through links in a circle or to nothing, or to what is no regular file; details name it. Correct the path, or what the image has there.',
});
