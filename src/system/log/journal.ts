import { fstatSync } from 'node:fs';

const STDERR = 2;

/**
 * Whether standard error is the very stream that the journal opened for this service: `JOURNAL_STREAM` names its device
 * and inode (systemd.exec(5)). A service whose standard error goes elsewhere inherits the variable all the same.
 */
export function writesToJournal(env: Readonly<Record<string, string | undefined>>): boolean {
  const named = env.JOURNAL_STREAM;
  if (named === undefined) return false;
  try {
    const { dev, ino } = fstatSync(STDERR, { bigint: true });
    return named === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
