import {
  AgentError,
  CommandExecutionFailed,
  type Node,
  reasonOf,
  redactText,
  type Secrets,
  secretsInOptions,
  type Tell,
} from '../../../core/index.ts';
import { type ContainerEnd, containerRunners } from '../../../system/index.ts';
import type { HardwarePorts } from '../../ports.ts';
import { openExchange } from './exchange.ts';
import { hidingTheToken } from './kernel-line.ts';
import { isPinned } from './policy.ts';
import { assertRunner, newContainerName, runToItsEnd, withLimit } from './runner.ts';
import type { ContainerOrder, ContainerSettings } from './settings.ts';

/** The step that runs a container, and what it may use of the agent. */
export interface ContainerStepContext {
  readonly step: string;
  readonly node: Node | null;
  readonly secrets: Secrets;
  readonly progress: Tell;
  /** Takes the output of the container, for the log archive. */
  readonly keepOutput: (output: { readonly step: string; readonly image: string; readonly text: string }) => void;
}

type Settings = Pick<ContainerSettings, 'runner' | 'pullTimeoutMs' | 'runTimeoutMs'>;

const TAIL_LINES = 20;
const DETACHED = /^(-d|--detach(=true)?)$/;

/** What the runner knows an image by on this machine. */
const localName = (image: string): string => image.replace(/^docker:\/\//, '');

/** `oci://` is how Ironic writes a registry; runners would look for a folder. docker knows no transports at all. */
const nameFor = (runner: ContainerSettings['runner'], image: string): string => {
  const reference = image.replace(/^oci:\/\/(?=[^/])/, '');
  return runner === 'docker' ? localName(reference) : reference;
};

async function pull(ports: HardwarePorts, settings: Settings, order: ContainerOrder, signal: AbortSignal) {
  const { image, pullOptions: options } = order;
  const limit = withLimit(ports, signal, settings.pullTimeoutMs, `pulling ${image}`);
  try {
    await ports.tools.run(containerRunners[settings.runner].pull, { image, options }, limit.signal);
  } catch (error) {
    limit.signal.throwIfAborted();
    throw CommandExecutionFailed(`image ${image} cannot be pulled: ${reasonOf(error)}`, {
      cause: error,
      hint: 'look at the name of the image, the way to its registry and [container]pull_options',
      ...(error instanceof AgentError ? { data: error.data } : {}),
    });
  } finally {
    limit.end();
  }
}

/** Half a line could hold half a secret, which nothing would mask. */
function outputOf({ stdout, stderr, cut }: ContainerEnd): string {
  const whole = (text: string) => (cut === true ? text.slice(text.indexOf('\n') + 1) : text);
  const head = cut === true ? '(the newest output only)\n' : '';
  return `${head}--- stdout\n${whole(stdout)}\n--- stderr\n${whole(stderr)}\n`;
}
const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

/** The last lines of what it said last: on stderr, or on stdout where that is silent. */
function tailOf({ stdout, stderr }: ContainerEnd): readonly string[] {
  const told = linesOf(stderr);
  return (told.length > 0 ? told : linesOf(stdout)).slice(-TAIL_LINES);
}

function assertSucceeded(end: ContainerEnd, order: ContainerOrder, step: string, secrets: Secrets): void {
  if (end.exitCode === 0) return;
  const tail = tailOf(end).map((line) => redactText(line, secrets.values()));
  throw CommandExecutionFailed(
    `container ${order.image} of step ${step} exited ${end.exitCode}: ${tail.at(-1) ?? 'no output'}`,
    { data: { exit_code: end.exitCode, image: order.image, output_tail: tail.join('\n') } },
  );
}

async function runOnce(
  ports: HardwarePorts,
  settings: Settings,
  order: ContainerOrder,
  context: ContainerStepContext,
  signal: AbortSignal,
): Promise<unknown> {
  const { step, secrets } = context;
  const exchange = await openExchange(ports, { ...context, secrets: secrets.values() });
  const limit = withLimit(ports, signal, settings.runTimeoutMs, `container ${order.image} of step ${step}`);
  try {
    const before = [...exchange.arguments, ...(await hidingTheToken(ports, settings.runner, secrets.values()))];
    const run = { name: newContainerName(), before, options: order.runOptions, image: order.image };
    const end = await runToItsEnd(ports, settings.runner, run, limit.signal);
    context.keepOutput({ step, image: order.image, text: outputOf(end) });
    ports.log.info('container.end', { step, image: order.image, exitCode: end.exitCode, output: tailOf(end) });
    limit.signal.throwIfAborted();
    assertSucceeded(end, order, step, secrets);
    // One that still runs may still write.
    return order.runOptions.some((word) => DETACHED.test(word)) ? null : await exchange.result();
  } finally {
    limit.end();
    await exchange.close();
  }
}

/** What was pulled for this step alone takes room in memory. In use by a container that was left, it stays. */
async function removeImage({ tools, log }: HardwarePorts, { runner }: Settings, image: string): Promise<void> {
  try {
    await tools.run(containerRunners[runner].removeImage, { image });
  } catch (error) {
    log.info('container.image.kept', { image, reason: reasonOf(error) });
  }
}

/**
 * Pulls an image and runs it to its end (steps.md 7.1); the image goes again unless it was there before.
 * @returns the JSON that the container wrote to `$IRONIC_RESULT_FILE`, else null
 * @throws HardwareManagerConfigurationError without the runner; CommandExecutionError when the pull or the container
 *   fails, with the exit code, or takes too long
 */
export async function runContainer(
  ports: HardwarePorts,
  settings: Settings,
  wanted: ContainerOrder,
  context: ContainerStepContext,
  signal: AbortSignal,
): Promise<unknown> {
  const { runner } = settings;
  const order = { ...wanted, image: nameFor(runner, wanted.image) };
  for (const secret of secretsInOptions([...order.pullOptions, ...order.runOptions])) context.secrets.add(secret);
  await assertRunner(ports, runner, signal);
  const image = localName(order.image);
  const tell = (phase: string) => context.progress({ phase, done: 0, total: null, unit: 'items', on: order.image });
  const before = await ports.tools.run(containerRunners[runner].imageId, { image }, signal);
  tell('pulling the container image');
  await pull(ports, settings, order, signal);
  try {
    const id = await ports.tools.run(containerRunners[runner].imageId, { image }, signal);
    ports.log.info('container.run', { step: context.step, image: order.image, id, pinned: isPinned(order.image) });
    tell('running the container');
    return await runOnce(ports, settings, order, context, signal);
  } finally {
    if (before === null) await removeImage(ports, settings, image);
  }
}
