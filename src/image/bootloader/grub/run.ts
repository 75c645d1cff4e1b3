import { AgentError, CommandExecutionFailed, reasonOf, type Tell } from '../../../core/index.ts';
import { foreignProgram, withMounted } from '../../../system/index.ts';
import { folderOf, type ImageRoot } from './image-root.ts';
import type { FatMount, GrubPlan, GrubProgram } from './plan.ts';

/** The shell of the image could not find or start the program. */
const NOT_FOUND = 127;

function failed({ program }: GrubProgram, disk: string, cause: unknown): AgentError {
  const data = cause instanceof AgentError ? cause.data : {};
  const hint = data.exit_code === NOT_FOUND ? `the image needs ${program} and the libraries it uses` : null;
  return CommandExecutionFailed(`no boot loader was installed on ${disk}: ${reasonOf(cause)}`, {
    cause,
    data,
    ...(hint === null ? {} : { hint }),
  });
}

async function withFat<T>(
  root: ImageRoot,
  [first, ...others]: readonly FatMount[],
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (first === undefined) return work();
  const at = await folderOf(root, first.on);
  const request = { device: first.device, type: 'vfat', access: 'write', at } as const;
  return withMounted(root.inside, request, () => withFat(root, others, work, signal), signal);
}

export interface GrubRun {
  readonly disk: string;
  readonly plan: GrubPlan;
}

/**
 * Carries out a plan in the mounted image.
 * @returns what went wrong with programs that may fail
 * @throws CommandExecutionError with the program's last words, InvalidImage, ToolFailed
 */
export async function runPlan(
  root: ImageRoot,
  { disk, plan }: GrubRun,
  tell: Tell,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { tools, log } = root.inside;
  const total = plan.programs.length;
  log.info('bootloader.plan', { disk, ...plan });
  const work = async () => {
    const complaints: string[] = [];
    for (const [done, call] of plan.programs.entries()) {
      tell({ phase: 'bootloader', done, total, unit: 'items', on: call.program });
      try {
        await tools.run(foreignProgram, { root: root.at, ...call }, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!call.mayFail) throw failed(call, disk, error);
        complaints.push(reasonOf(error));
        log.warn('bootloader.program.failed', { reason: reasonOf(error) });
      }
    }
    tell({ phase: 'bootloader', done: total, total, unit: 'items' });
    return complaints;
  };
  return withFat(root, plan.mounts, work, signal);
}
