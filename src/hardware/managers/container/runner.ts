import { randomUUID } from 'node:crypto';
import { CommandExecutionFailed, formatDuration, reasonOf } from '../../../core/index.ts';
import { type ContainerEnd, type ContainerRun, containerRunners } from '../../../system/index.ts';
import { HardwareManagerMisconfigured } from '../../errors.ts';
import type { HardwarePorts } from '../../ports.ts';
import type { ContainerSettings } from './settings.ts';

/** For the runner to notice that its container is gone. */
const NOTICE_MS = 5_000;

export const newContainerName = (): string => `ironic-step-${randomUUID()}`;

/** The name that the container gets: the options may bring their own, and the last one counts. */
export function nameIn(options: readonly string[], ours: string): string {
  const at = options.findLastIndex((word) => word === '--name' || word.startsWith('--name='));
  const word = options[at];
  if (word === undefined) return ours;
  return word === '--name' ? (options[at + 1] ?? ours) : word.slice('--name='.length);
}

/** @throws HardwareManagerConfigurationError when the configured runner is not there */
export async function assertRunner(
  { tools }: HardwarePorts,
  runner: ContainerSettings['runner'],
  signal: AbortSignal,
): Promise<void> {
  try {
    await tools.run(containerRunners[runner].version, undefined, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw HardwareManagerMisconfigured(`[container]runner is ${runner}, which does not run: ${reasonOf(error)}`, {
      cause: error,
      hint: `use a ramdisk with package ${containerRunners[runner].version.packages.debian}`,
    });
  }
}

/** Ends a container by its name; its client alone would leave it running. What cannot be done is logged. */
export async function removeContainer(
  { tools, log }: HardwarePorts,
  runner: ContainerSettings['runner'],
  name: string,
) {
  try {
    await tools.run(containerRunners[runner].remove, { names: [name] });
  } catch (error) {
    // With --rm it is gone already, and some versions call that a failure.
    if (/no such container|no container with/i.test(reasonOf(error))) return;
    log.error('container.remove.failed', { name, reason: reasonOf(error), effect: 'it may still run' });
  }
}

/**
 * Runs a container to its end. At `signal` the container is killed by name, and its output is still had.
 * @throws the signal's reason, with the output in `keep`
 */
export async function runToItsEnd(
  ports: HardwarePorts,
  runner: ContainerSettings['runner'],
  order: ContainerRun,
  signal: AbortSignal,
): Promise<ContainerEnd> {
  const { tools, clock, log } = ports;
  const name = nameIn(order.options, order.name);
  signal.throwIfAborted();
  const client = new AbortController();
  const stop = async () => {
    log.warn('container.stop', { name, why: reasonOf(signal.reason) });
    await tools.run(containerRunners[runner].kill, { name }).catch(() => client.abort(signal.reason));
    await clock.sleep(NOTICE_MS, client.signal).catch(() => undefined);
    client.abort(signal.reason);
  };
  const onAbort = () => void stop();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await tools.run(containerRunners[runner].run, order, client.signal);
  } finally {
    signal.removeEventListener('abort', onAbort);
    client.abort(new Error('the container has ended'));
    if (signal.aborted) await removeContainer(ports, runner, name);
  }
}

/** A signal that also aborts when the time is over, and says so. `end` when the work is done. */
export function withLimit(
  { clock }: Pick<HardwarePorts, 'clock'>,
  signal: AbortSignal,
  limitMs: number,
  what: string,
): { readonly signal: AbortSignal; readonly end: () => void } {
  const over = new AbortController();
  const done = new AbortController();
  const late = () => over.abort(CommandExecutionFailed(`${what} did not end within ${formatDuration(limitMs)}`));
  clock.sleep(limitMs, done.signal).then(late, () => undefined);
  return { signal: AbortSignal.any([signal, over.signal]), end: () => done.abort(new Error('it has ended')) };
}
