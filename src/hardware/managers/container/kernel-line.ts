import type { HardwarePorts } from '../../ports.ts';
import type { ContainerSettings } from './settings.ts';

const KERNEL_LINE = '/proc/cmdline';

/**
 * Every container can read the kernel line, and with virtual media the agent token may stand there: arguments that hide
 * it, where it does.
 */
export async function hidingTheToken(
  { files, log }: HardwarePorts,
  runner: ContainerSettings['runner'],
  secrets: readonly string[],
): Promise<readonly string[]> {
  const line = (await files.textOrNull(KERNEL_LINE)) ?? '';
  if (!secrets.some((secret) => line.includes(secret))) return [];
  if (runner === 'podman') return [`--security-opt=mask=${KERNEL_LINE}`];
  log.warn('container.kernel_line', {
    why: 'docker cannot hide the kernel line from a container, and a secret is in it',
  });
  return [];
}
