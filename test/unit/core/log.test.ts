import { expect, it } from 'vitest';
import { boundedLog, type Fields, type Log } from '../../../src/core/index.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

it('a bounded log lets so many lines pass in a while and then says how many it held back', async () => {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (event: string, fields: Fields = {}) =>
      void lines.push(`${level} ${event} ${JSON.stringify(fields)}`);
  const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
  const clock = createFakeClock();
  const bounded = boundedLog(log, clock, { lines: 2, perMs: 1000 });
  for (const n of [1, 2, 3, 4]) bounded.info('request', { n });
  bounded.debug('request', { n: 5 });
  await clock.advance(999);
  bounded.error('request', { n: 6 });
  await clock.advance(1);
  bounded.warn('request', { n: 7 });
  bounded.info('request', { n: 8 });
  expect(lines).toEqual([
    'info request {"n":1}',
    'info request {"n":2}',
    'debug request {"n":5}',
    'warn request {"n":7,"heldBack":3}',
    'info request {"n":8}',
  ]);
});
