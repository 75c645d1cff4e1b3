import { Type } from 'typebox';
import { defineStep, InvalidCommandParams, type Run, type Step } from '../../core/index.ts';
import { DeviceNotFound } from '../../hardware/index.ts';
import {
  FileSystemNotSupported,
  ImageChecksumMismatch,
  ImageDownloadFailed,
  ImageWriteFailed,
  InvalidImage,
} from '../../image/index.ts';
import { DeployArguments, deployImage } from '../deploy-image.ts';
import type { AgentPorts } from '../ports.ts';

/** The conductor's own step of this name calls it, hence priority 0 and no advertised arguments (imaging.md 1.1). */
export const writeImageStep: Step<AgentPorts> = defineStep({
  name: 'write_image',
  interface: 'deploy',
  doc: 'Write a whole-disk or partition image and its config drive to the root disk.',
  in: { deploy: { priority: 0 }, service: { priority: 0 } },
  args: Type.Object(DeployArguments.properties, { additionalProperties: false }),
  throws: [
    InvalidCommandParams,
    DeviceNotFound,
    InvalidImage,
    ImageDownloadFailed,
    ImageChecksumMismatch,
    ImageWriteFailed,
    FileSystemNotSupported,
  ],
  run: (args, run: Run<AgentPorts>) => deployImage(args, run.node, run),
});
