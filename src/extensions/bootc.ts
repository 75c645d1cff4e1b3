import { Type } from 'typebox';
import { CommandExecutionFailed, IncompatibleHardwareMethod } from '../core/index.ts';
import type { AgentPorts } from './ports.ts';

const OptionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** What the command and the step share (imaging.md 1.1, 1.2). */
export const BootcSource = {
  image_source: Type.String({ minLength: 1, description: 'Container image, `oci://<registry>/<name>`.' }),
  configdrive: OptionalText,
};
export const PullSecret = OptionalText;

/** @throws CommandExecutionError when switched off, else IncompatibleHardwareMethodError: this agent cannot do it yet */
export async function installBootc({ settings }: AgentPorts): Promise<never> {
  if (settings.bootcDisabled)
    throw CommandExecutionFailed('bootable containers are not deployed here: disable_bootc_deploy is set');
  throw IncompatibleHardwareMethod('execute_bootc_install is not supported by generic_hardware_manager', {
    hint: 'deploy a whole-disk image with deploy interface "direct"',
  });
}
