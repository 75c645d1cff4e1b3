import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/core/index.ts';
import { bootUp, type Phase } from '../../../src/runtime/boot/index.ts';
import { createHub } from '../../../src/runtime/index.ts';
import { watchedNics } from '../../../src/runtime/inspection/dhcp.ts';
import { aNic } from '../../kit/a-nic.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

const { signal } = new AbortController();
const phase = (state: Phase['state'], run: Phase['run'], when: Phase['when'] = () => true): Phase => ({
  state,
  waitsFor: `${state} to end`,
  when,
  run,
});

function boot(phases: readonly Phase[]) {
  const clock = createFakeClock({ auto: true });
  const hub = createHub({ version: '1.2.3', clock });
  const states: string[] = [];
  hub.subscribe(({ state, lastError }) => states.push(lastError === null ? state : `${state}: ${lastError}`));
  return { clock, states, done: bootUp({ phases, hub, log: silentLog, clock, retryMs: 5_000 }, signal) };
}

describe('the boot', () => {
  it('runs the phases in order, each with what the earlier ones learned', async () => {
    const { done, states } = boot([
      phase('settling', async (facts) => ({ ...facts, inspectedUuid: 'u1' })),
      phase(
        'inspecting',
        async (facts) => facts,
        () => false,
      ),
      phase('looking up', async (facts) => ({ ...facts, callbackHost: facts.inspectedUuid ?? 'none' })),
    ]);
    expect(await done).toEqual({ inspectedUuid: 'u1', callbackHost: 'u1' });
    expect(states).toEqual(['settling', 'looking up']);
  });

  it('tries a failing phase again for ever, with growing pauses, and shows the reason', async () => {
    let attempts = 0;
    const { done, states, clock } = boot([
      phase('looking up', async (facts) => {
        attempts += 1;
        if (attempts < 4) throw new Error('no answer');
        return facts;
      }),
    ]);
    expect(await done).toEqual({});
    expect(states).toContain('looking up: looking up: no answer');
    // 5, 10 and 15 s, each give or take a fifth.
    expect(clock.elapsed()).toBeGreaterThanOrEqual(24_000);
    expect(clock.elapsed()).toBeLessThanOrEqual(36_000);
  });

  it('starts over after a failure that what was learned may have caused, and keeps what cannot have', async () => {
    const seen: string[] = [];
    const learn = phase('starting', async (facts) => {
      seen.push(`starting knows ${Object.keys(facts)}`);
      return { ...facts, callbackHost: `host ${seen.length}` };
    });
    const { done, clock } = boot([
      phase('settling', async (facts) => ({ ...facts, inspectedUuid: 'u1' })),
      { ...learn, forget: ({ callbackHost: _host, ...kept }) => kept },
      {
        ...phase('looking up', async (facts) => {
          seen.push(`looking up with ${facts.callbackHost}`);
          if (seen.length < 4) throw new Error('stale');
          if (seen.length < 5) throw new Error('passing');
          return facts;
        }),
        isStale: (error) => error instanceof Error && error.message === 'stale',
      },
    ]);
    expect(await done).toEqual({ inspectedUuid: 'u1', callbackHost: 'host 3' });
    expect(seen).toEqual([
      'starting knows inspectedUuid',
      'looking up with host 1',
      'starting knows inspectedUuid',
      'looking up with host 3',
      'looking up with host 3',
    ]);
    // The pauses grow over the rounds.
    expect(clock.elapsed()).toBeGreaterThanOrEqual(12_000);
  });

  it('stops at a phase that ends the boot', async () => {
    const { done } = boot([
      phase('starting', async () => ({ end: 'rescued', why: 'marker' })),
      phase('settling', () => Promise.reject(new Error('must not run'))),
    ]);
    expect(await done).toEqual({ end: 'rescued', why: 'marker' });
  });
});

describe('the NICs whose address the inventory waits for', () => {
  const nics = [aNic('eno1', '52:54:00:aa:bb:01'), aNic('eno2', '52:54:00:aa:bb:02')];

  it.each([
    ['01-52-54-00-AA-BB-02', false, ['eno2']],
    ['52:54:00:aa:bb:01', false, ['eno1']],
    ['52:54:00:aa:bb:99', false, []],
    [null, true, ['eno1', 'eno2']],
  ])('with BOOTIF %s and all=%s are %j', (bootif, all, expected) => {
    expect(watchedNics(nics, bootif, all).map(({ name }) => name)).toEqual(expected);
  });
});
