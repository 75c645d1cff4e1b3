import type { Step } from '../../core/index.ts';
import type { AgentPorts } from '../ports.ts';
import { cleanUefiNvram } from './clean-uefi-nvram.ts';
import { eraseDevicesMetadata } from './erase-devices-metadata.ts';
import { executeBootcInstallStep } from './execute-bootc-install.ts';
import { injectFilesStep } from './inject-files.ts';
import { writeImageStep } from './write-image.ts';

export { containerSteps, stepsOfFile } from './containers/index.ts';

/** Steps of the generic hardware manager (steps.md 2.1). */
export const genericSteps: readonly Step<AgentPorts>[] = [
  eraseDevicesMetadata,
  cleanUefiNvram,
  writeImageStep,
  injectFilesStep,
  executeBootcInstallStep,
];
