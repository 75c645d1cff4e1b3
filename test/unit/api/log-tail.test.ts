import { expect, it } from 'vitest';
import { followLog } from '../../../src/api/http/observe/index.ts';
import { createSecrets } from '../../../src/core/index.ts';
import { recentLines } from '../../../src/system/index.ts';

const LINE = `${'x'.repeat(1023)}\n`;

it('a reader that is slow loses lines, and is told how many; the log waits for nobody', async () => {
  const source = recentLines(createSecrets());
  const stop = new AbortController();
  const following = followLog(source, 0, stop.signal);
  const first = following.next();
  source.write('first\n');
  expect((await first).value).toBe('first\n');
  for (let n = 0; n < 1000; n += 1) source.write(LINE);
  const { value } = await following.next();
  expect(value).toBe(`${LINE.repeat(256)}... 744 lines are left out: they came faster than they were read\n`);
  const last = following.next();
  source.write('last\n');
  expect((await last).value).toBe('last\n');
  const end = following.next();
  stop.abort();
  expect(await end).toEqual({ value: undefined, done: true });
});
