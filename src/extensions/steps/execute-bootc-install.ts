import { Type } from 'typebox';
import {
  CommandExecutionFailed,
  defineStep,
  IncompatibleHardwareMethod,
  type Run,
  type Step,
} from '../../core/index.ts';
import { BootcSource, installBootc, PullSecret } from '../bootc.ts';
import type { AgentPorts } from '../ports.ts';

/** The conductor's own step of this name calls it, hence priority 0 and no advertised arguments (imaging.md 1.1). */
export const executeBootcInstallStep: Step<AgentPorts> = defineStep({
  name: 'execute_bootc_install',
  interface: 'deploy',
  doc: 'Install a bootable container to the root disk. Not supported by this release: it fails before anything is touched.',
  in: { deploy: { priority: 0 }, service: { priority: 0 } },
  args: Type.Object({ ...BootcSource, oci_pull_secret: PullSecret }, { additionalProperties: false }),
  throws: [CommandExecutionFailed, IncompatibleHardwareMethod],
  run: (_args, { ports }: Run<AgentPorts>) => installBootc(ports),
});
