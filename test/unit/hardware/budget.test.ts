import { expect, it } from 'vitest';
import { withinBudget } from '../../../src/hardware/index.ts';
import { systemClock } from '../../../src/system/index.ts';

const never = new AbortController().signal;

it.each([2 ** 31, 2 ** 33])('a budget of %i ms, longer than a timer can be, is not over at once', async (budgetMs) => {
  const work = (signal: AbortSignal) => systemClock.sleep(60, signal).then(() => 'done');
  expect(await withinBudget(budgetMs, work, never)).toBe('done');
});

it('work that takes longer is given up', async () => {
  const work = () => new Promise(() => undefined);
  await expect(withinBudget(30, work, never)).rejects.toThrow('no answer within 0.03 s');
});
