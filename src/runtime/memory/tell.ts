import type { Clock, Log } from '../../core/index.ts';
import type { Hub } from '../hub.ts';
import { interrupted } from '../jobs/index.ts';
import type { Remembered } from './memory.ts';

/** Tells the operator what an earlier run left, if there was one. */
export function tellBefore(
  { token, facts, commands, end }: Remembered,
  { log, clock }: { readonly log: Log; readonly clock: Pick<Clock, 'now'> },
  hub: Hub,
): void {
  if (token === null && facts.node === null && facts.inspection === null && commands.length === 0 && end === null)
    return;
  const failed = commands.filter(({ status }) => status === 'RUNNING');
  const uuid = facts.node?.uuid;
  log.warn('agent.restarted', {
    node: uuid ?? null,
    state: end?.kind ?? null,
    commands: commands.length,
    interrupted: failed.map(({ name }) => name),
  });
  for (const { error } of interrupted(failed, clock.now())) hub.failed(error?.details ?? '');
  if (typeof uuid === 'string') hub.learn({ nodeUuid: uuid });
}
