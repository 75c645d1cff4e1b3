import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../kit/fake-clock.ts';

describe('fake clock', () => {
  it('wakes sleepers in order of their moments and keeps its own time', async () => {
    const clock = createFakeClock();
    const woken: string[] = [];
    const nap = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(`${name}@${clock.elapsed()}`);
    };
    const all = [nap('late', 300), nap('soon', 100), nap('same', 100)];
    await clock.advance(99);
    expect(woken).toEqual([]);
    await clock.advance(1);
    expect(woken).toEqual(['soon@100', 'same@100']);
    await clock.advance(1000);
    await Promise.all(all);
    expect(woken).toEqual(['soon@100', 'same@100', 'late@300']);
    expect(clock.elapsed()).toBe(1100);
    expect(clock.sleeps).toEqual([300, 100, 100]);
  });

  it('lets a chain of sleeps run within one advance', async () => {
    const clock = createFakeClock();
    let turns = 0;
    const chain = (async () => {
      for (; turns < 5; turns += 1) await clock.sleep(10);
    })();
    await clock.advance(50);
    await chain;
    expect(turns).toBe(5);
  });

  it('rejects with the reason of its signal and forgets the sleeper', async () => {
    const clock = createFakeClock();
    const stop = new AbortController();
    const nap = clock.sleep(1000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(nap).rejects.toThrow('enough');
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('enough');
  });

  it('moves by itself when told so', async () => {
    const clock = createFakeClock({ auto: true, random: [0, 0.25] });
    await clock.sleep(3_600_000);
    expect(clock.elapsed()).toBe(3_600_000);
    expect([clock.random(), clock.random(), clock.random()]).toEqual([0, 0.25, 0.25]);
  });
});
