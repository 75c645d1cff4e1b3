import { describe, expect, it } from 'vitest';
import { createSecrets } from '../../../src/core/index.ts';
import type { Diagnosis } from '../../../src/ironic/index.ts';
import { createDoctor, verdictOf } from '../../../src/runtime/doctor/index.ts';
import { createHub } from '../../../src/runtime/index.ts';
import { createLog } from '../../../src/system/index.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

const seen = (url: string, verdict: string | null): Diagnosis => ({
  url,
  role: 'Ironic API',
  checks: [{ name: 'connection', ok: verdict === null, text: 'x' }],
  verdict,
  finding: verdict === null ? null : { kind: 'connection' },
});

function doctor(diagnoses: readonly Diagnosis[] = [seen('http://a', 'cannot reach http://a: refused')]) {
  const clock = createFakeClock();
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ debug: true, format: 'text', secrets: createSecrets(), destination });
  const hub = createHub({ version: '1', clock });
  const state = { looks: 0, diagnoses };
  const made = createDoctor({
    ports: { clock, log },
    hub,
    examine: async () => {
      state.looks += 1;
      return state.diagnoses;
    },
  });
  /** A failure, after some time, with what follows from it done. */
  const fail = async (why: string, afterMs = 0) => {
    await clock.advance(afterMs);
    made.failed('lookup', why);
    await clock.advance(0);
  };
  const said = () => lines.filter((line) => / diagnosis verdict/.test(line)).length;
  return { made, hub, state, lines, fail, said, shown: () => hub.snapshot().diagnosis };
}

describe('self-diagnosis', () => {
  it('looks after the second failure, says what it found, and takes it back after a success', async () => {
    const { made, fail, shown, state, lines } = doctor();
    await fail('no answer');
    expect(state.looks).toBe(0);
    await fail('no answer');
    expect(shown()).toMatchObject({ verdict: 'cannot reach http://a: refused', finding: 'connection' });
    made.succeeded('lookup');
    expect(shown()).toBeNull();
    expect(lines.join('')).toContain('diagnosis.cleared');
    await fail('no answer');
    expect(shown()).toBeNull();
  });

  it('looks again after three minutes for the same reason, sooner for another one', async () => {
    const { fail, state } = doctor();
    await fail('a');
    await fail('a');
    for (const at of [10_000, 60_000, 60_000]) await fail('a', at);
    expect(state.looks).toBe(1);
    await fail('a', 50_000);
    expect(state.looks).toBe(2);
    await fail('b', 10_000);
    expect(state.looks).toBe(2);
    await fail('b', 10_000);
    expect(state.looks).toBe(3);
  });

  it('says the same again only every few minutes, another verdict at once', async () => {
    const { fail, state, said, shown } = doctor();
    await fail('a');
    await fail('a');
    const { since } = shown() ?? {};
    await fail('a', 180_000);
    expect([state.looks, said()]).toEqual([2, 1]);
    await fail('a', 180_000);
    expect([state.looks, said()]).toEqual([3, 2]);
    expect(shown()?.since).toBe(since);
    state.diagnoses = [seen('http://a', 'cannot reach http://a: no answer')];
    await fail('b', 20_000);
    expect(said()).toBe(3);
    expect(shown()?.verdict).toBe('cannot reach http://a: no answer');
  });

  it('says nothing after a success meanwhile or when closed', async () => {
    const { made, shown, said } = doctor();
    made.failed('heartbeat', 'x');
    made.failed('heartbeat', 'x');
    made.succeeded('heartbeat');
    await Promise.resolve();
    made.close();
    made.failed('heartbeat', 'x');
    made.failed('heartbeat', 'x');
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect([shown(), said()]).toEqual([null, 0]);
  });

  it('survives an examination that fails', async () => {
    const { fail, state, lines } = doctor();
    Object.defineProperty(state, 'diagnoses', { get: () => Promise.reject(new Error('broken tool')) });
    await fail('a');
    await fail('a');
    expect(lines.join('')).toContain('diagnosis.failed why="broken tool"');
  });
});

describe('one verdict from several ways', () => {
  const trouble = { exchange: 'lookup', why: '404: Node not found; check that exactly one node has the MACs' } as const;
  const blocked = (url: string) => seen(url, `cannot reach ${url}: refused`);

  it.each([
    [
      'what the server says, when one way is free',
      [blocked('http://a'), seen('http://b', null)],
      `lookup fails: ${trouble.why}`,
      'refused',
    ],
    ['what the server says, when nothing was looked at', [], `lookup fails: ${trouble.why}`, 'refused'],
    ['the obstacle', [blocked('http://a')], 'cannot reach http://a: refused', 'connection'],
    [
      'the first obstacle',
      [blocked('http://a'), blocked('http://b')],
      'cannot reach http://a: refused (the other URL fails too)',
      'connection',
    ],
    [
      'the first of many',
      [blocked('http://a'), blocked('http://b'), blocked('http://c')],
      'cannot reach http://a: refused (the other 2 URLs fail too)',
      'connection',
    ],
  ] as const)('%s', (_case, diagnoses, text, kind) => {
    expect(verdictOf(trouble, diagnoses)).toEqual({ text, finding: { kind } });
  });
});
