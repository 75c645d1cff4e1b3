import { expect, it } from 'vitest';
import { systemClock } from '../../../src/system/index.ts';

it.each([2 ** 31, 30 * 24 * 3600 * 1000])(
  'sleeps for %i ms, longer than a timer can, until it is told to end',
  async (ms) => {
    const stop = new AbortController();
    let over = false;
    const sleep = systemClock.sleep(ms, stop.signal).finally(() => {
      over = true;
    });
    await systemClock.sleep(60);
    expect(over).toBe(false);
    stop.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
  },
);

it('sleeps short, too', async () => {
  const began = performance.now();
  await systemClock.sleep(20);
  expect(performance.now() - began).toBeGreaterThan(18);
});
