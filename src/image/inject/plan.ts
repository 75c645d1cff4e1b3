import { DeviceNotFound } from '../../hardware/index.ts';
import type { Target } from './choose.ts';
import type { InjectedFile } from './entries.ts';

/** Files that follow each other and go to one file system. */
export interface Batch {
  readonly target: Target;
  readonly files: readonly InjectedFile[];
}

/** What is known when the places are given out. */
export interface PlaceFacts {
  /** Of the entry that names its partition; null for one that does not. */
  readonly named: (file: InjectedFile) => Target | null;
  /** Where entries without a partition may go, in order. */
  readonly targets: readonly Target[];
  /** Device -> those of the folders asked for that its root has. */
  readonly folders: ReadonlyMap<string, ReadonlySet<string>>;
  /** For the error: what was looked at. */
  readonly looked: string;
}

/** `etc` of `/etc/motd`. */
export const firstFolder = ({ path }: InjectedFile): string => path.split('/').find((name) => name !== '') ?? '';

const makesFolder = (file: InjectedFile): boolean =>
  file.kind === 'write' && file.path.split('/').filter((name) => name !== '').length > 1;

/**
 * Which file goes where, in the order of the list. An earlier file with a partition of its own may make the folder that a
 * later one without is looking for.
 * @throws DeviceNotFound naming the folder that no partition has
 */
export function planBatches(files: readonly InjectedFile[], facts: PlaceFacts): readonly Batch[] {
  const made = new Map<string, Set<string>>();
  const batches: { target: Target; files: InjectedFile[] }[] = [];
  const has = (device: string, folder: string) =>
    facts.folders.get(device)?.has(folder) === true || made.get(device)?.has(folder) === true;
  for (const file of files) {
    const folder = firstFolder(file);
    const target = facts.named(file) ?? facts.targets.find(({ device }) => has(device, folder));
    if (target === undefined)
      throw DeviceNotFound(`no partition has the folder /${folder} for ${file.path}; looked at: ${facts.looked}`, {
        hint: 'name the partition of the file',
      });
    if (makesFolder(file)) made.set(target.device, (made.get(target.device) ?? new Set()).add(folder));
    const current = batches.at(-1);
    if (current?.target.device === target.device) current.files.push(file);
    else batches.push({ target, files: [file] });
  }
  return batches;
}
