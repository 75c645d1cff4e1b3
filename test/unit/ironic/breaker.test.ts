import { describe, expect, it } from 'vitest';
import { createBreaker } from '../../../src/ironic/api/breaker.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

const urls = ['a', 'b', 'c'];

describe('order of several API URLs', () => {
  it('leaves them as they are while all work', () => {
    expect(createBreaker(createFakeClock()).order(urls)).toEqual(urls);
  });

  it('puts one that failed last for 5 to 10 s, twice as long after each further failure, at most 2 min', async () => {
    const clock = createFakeClock({ random: 1 });
    const breaker = createBreaker(clock);
    for (const pause of [10_000, 20_000, 40_000, 80_000, 120_000, 120_000]) {
      breaker.failed('a');
      await clock.advance(pause - 1);
      expect(breaker.order(urls)).toEqual(['b', 'c', 'a']);
      await clock.advance(1);
      expect(breaker.order(urls)).toEqual(urls);
    }
  });

  it('comes back at different times on different machines', async () => {
    const clock = createFakeClock({ random: 0 });
    const breaker = createBreaker(clock);
    breaker.failed('a');
    await clock.advance(5_000);
    expect(breaker.order(urls)).toEqual(urls);
  });

  it('forgets failures after a success', async () => {
    const clock = createFakeClock({ random: 1 });
    const breaker = createBreaker(clock);
    for (let round = 0; round < 5; round += 1) breaker.failed('a');
    breaker.succeeded('a');
    expect(breaker.order(urls)).toEqual(urls);
    breaker.failed('a');
    await clock.advance(10_000);
    expect(breaker.order(urls)).toEqual(urls);
  });

  it('keeps trying when all failed', () => {
    const breaker = createBreaker(createFakeClock());
    for (const url of urls) breaker.failed(url);
    expect(breaker.order(urls)).toEqual(urls);
  });
});
