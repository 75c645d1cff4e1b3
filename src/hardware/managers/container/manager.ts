import { reasonOf } from '../../../core/index.ts';
import { containerRunners } from '../../../system/index.ts';
import type { HardwarePorts } from '../../ports.ts';
import { type ManagerFacts, SUPPORT } from '../manager.ts';

const runs = (
  { tools }: HardwarePorts,
  { version }: (typeof containerRunners)['podman'],
  signal: AbortSignal,
): Promise<boolean> =>
  tools.run(version, undefined, signal).then(
    () => true,
    () => false,
  );

/** Of an agent that died while a step ran: its containers outlive it, and may still write to disks. */
async function removeLeftovers(ports: HardwarePorts, runner: 'podman' | 'docker', signal: AbortSignal): Promise<void> {
  const { tools, log } = ports;
  if (!(await runs(ports, containerRunners[runner], signal))) return;
  try {
    const names = await tools.run(containerRunners[runner].leftovers, undefined, signal);
    if (names.length === 0) return;
    log.warn('container.leftovers', { runner, containers: names, effect: 'they are ended' });
    await tools.run(containerRunners[runner].remove, { names }, signal);
  } catch (error) {
    log.error('container.leftovers.failed', { runner, reason: reasonOf(error), effect: 'one may still run' });
  }
}

/** Steps in containers, where a program is there to run them (steps.md 2.4). */
export const containerManager: ManagerFacts = {
  name: 'ContainerHardwareManager',
  className: 'ContainerHardwareManager',
  version: '2',
  evaluate: async (ports, signal) => {
    const found =
      (await runs(ports, containerRunners.podman, signal)) || (await runs(ports, containerRunners.docker, signal));
    return found ? SUPPORT.mainline : SUPPORT.none;
  },
  initialize: async (ports, signal) => {
    await removeLeftovers(ports, 'podman', signal);
    await removeLeftovers(ports, 'docker', signal);
  },
};
