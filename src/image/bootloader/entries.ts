import type { BootEntry } from '../../system/index.ts';
import { firmwarePath, type Loader } from './loaders.ts';

export type EntryAct =
  | { readonly kind: 'delete'; readonly number: string; readonly label: string }
  | { readonly kind: 'create'; readonly label: string; readonly loader: string };

/**
 * Deletions come first: some firmwares refuse them after an addition. Each creation goes to the front of the boot order,
 * so the most important loader is created last (imaging 6.2).
 */
export function planEntries(existing: readonly BootEntry[], loaders: readonly Loader[]): readonly EntryAct[] {
  const labels = new Set(loaders.map(({ label }) => label));
  const stale = existing.filter(({ label }) => labels.has(label));
  return [
    ...stale.map(({ number, label }): EntryAct => ({ kind: 'delete', number, label })),
    ...[...loaders]
      .reverse()
      .map(({ label, path }): EntryAct => ({ kind: 'create', label, loader: firmwarePath(path) })),
  ];
}
