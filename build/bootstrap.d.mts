import type { Lock } from './lock.mjs';
export function missingPackages(
  list: Readonly<Record<string, string>>,
  installed: ReadonlySet<string> | undefined,
  commandExists: (command: string) => boolean,
): string[];
export function modulesAgree(lock: Lock, installed: Lock): boolean;
