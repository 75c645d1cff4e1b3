import { CommandExecutionFailed, MiB } from '../../core/index.ts';
import type { Tree } from '../../system/index.ts';
import type { Owner } from './entries.ts';

const MAX_BYTES = 4 * MiB;
const ID_FIELD = 2;

/** The number of a name in the text of `/etc/passwd` or `/etc/group`; null when it is not there. */
export function idOf(text: string, name: string): number | null {
  const fields = text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([first]) => first === name);
  const id = fields?.[ID_FIELD] ?? '';
  return /^\d{1,10}$/.test(id) ? Number(id) : null;
}

/** A name means what it means to the deployed system. @throws CommandExecutionError when it does not know it */
export async function resolveOwner(
  tree: Tree,
  owner: Owner | null,
  path: '/etc/passwd' | '/etc/group',
): Promise<number | undefined> {
  if (typeof owner !== 'string') return owner ?? undefined;
  const text = Buffer.from((await tree.head(path, MAX_BYTES)) ?? new Uint8Array()).toString('utf8');
  const id = idOf(text, owner);
  if (id !== null) return id;
  throw CommandExecutionFailed(`${owner} is not in ${path} of this file system`, { hint: 'give a number' });
}
