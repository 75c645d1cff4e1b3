import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { optionList } from '../../../src/config/index.ts';

/** What will never have an effect, with the words of its doc that say why. */
const NEVER: Readonly<Record<string, string>> = {
  diskUtilsDdBlockSize: 'The agent writes images itself.',
  diskUtilsPartprobeAttempts: 'The agent tells the kernel partition by partition',
  mdnsParams: 'the agent is only a client',
  useStderr: 'which the agent always does',
  useSyslog: 'The journal of the ramdisk receives the log anyway.',
  useJournal: 'which already receives standard error of the service',
  syslogLogFacility: 'The agent writes to the journal',
  watchLogFile: 'The agent moves its file itself',
  logDateFormat: 'Ours are always ISO 8601.',
  logConfigAppend: 'which this agent does not use',
  defaultLogLevels: 'This agent has one log',
};

const src = join(import.meta.dirname, '../../../src');
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && (!path.startsWith('config/') || path === 'config/resolve.ts'))
  .map((path) => readFileSync(join(src, path), 'utf8'))
  .join('\n');
const isRead = (key: string) => new RegExp(`\\b${key}\\b`).test(sources);

const keysOf = (wanted: 'now' | 'never') =>
  optionList
    .filter(([, { effect }]) => effect === wanted)
    .map(([key]) => key)
    .sort();

describe('no option is without effect in silence', () => {
  it('one that claims an effect is read somewhere', () => {
    expect(keysOf('now').filter((key) => !isRead(key))).toEqual([]);
  });

  it('those that never will have one are these', () => {
    expect(keysOf('never')).toEqual(Object.keys(NEVER).sort());
  });

  it.each(Object.entries(NEVER))('%s says why in its doc', (key, why) => {
    expect(optionList.find(([name]) => name === key)?.[1].doc).toContain(why);
  });
});
