import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/core/index.ts';
import { createHub } from '../../../src/runtime/index.ts';
import { createNodeRecord } from '../../../src/runtime/records/index.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

describe('hub', () => {
  it('tells every change to every listener and drops one that throws', () => {
    const hub = createHub({ version: '1', clock: createFakeClock() });
    const states: string[] = [];
    hub.subscribe(() => {
      throw new Error('broken face');
    });
    const stop = hub.subscribe(({ state, waitsFor }) => void states.push(`${state}: ${waitsFor}`));
    hub.enter('looking up', 'the conductor');
    hub.enter('serving', null);
    stop();
    hub.enter('stopping', null);
    expect(states).toEqual(['looking up: the conductor', 'serving: null']);
  });

  it('progress and end of another command change nothing of the running one', () => {
    const hub = createHub({ version: '1', clock: createFakeClock() });
    hub.commandStarted('a', 'x.y');
    hub.progress('b', { phase: 'p', done: 1, total: 2, unit: 'items' });
    hub.commandEnded('b', 'x.z: failed');
    expect(hub.snapshot()).toMatchObject({ command: { id: 'a', progress: null }, lastError: 'x.z: failed' });
    hub.commandEnded('a', null);
    expect(hub.snapshot()).toMatchObject({ command: null, lastError: 'x.z: failed' });
  });
});

describe('node record', () => {
  const signal = new AbortController().signal;
  const record = (lookUpAgain: () => Promise<{ uuid: string } | null>) => {
    const waited: string[] = [];
    const changes: string[] = [];
    const nodes = createNodeRecord({
      log: silentLog,
      onChange: ({ uuid }) => void changes.push(uuid ?? ''),
      waitForRootDisk: async ({ uuid }) => {
        waited.push(uuid ?? '');
        throw new Error('no disk');
      },
      lookUpAgain,
    });
    return { nodes, waited, changes };
  };

  it('waits for the root disk of a new node only, and never fails for it (steps.md 1.6)', async () => {
    const { nodes, waited, changes } = record(async () => null);
    expect(nodes.current()).toBeNull();
    await nodes.adopt({ uuid: 'a' }, signal);
    await nodes.adopt({ uuid: 'a', name: 'renamed' }, signal);
    await nodes.adopt({ uuid: 'b' }, signal);
    expect([waited, changes]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(nodes.current()).toEqual({ uuid: 'b' });
  });

  it('keeps no config drive, and all that is short', async () => {
    const { nodes } = record(async () => null);
    const hints = { root_device: { wwn: '0x5' }, list: [1, null, true, 'x'] };
    await nodes.adopt({ uuid: 'a', instance_info: { ...hints, configdrive: 'H4sI'.repeat(20_000) } }, signal);
    expect(nodes.current()).toEqual({ uuid: 'a', instance_info: { ...hints, configdrive: '<...>' } });
  });

  it('a refresh that fails or finds nothing leaves the known node', async () => {
    const failing = record(() => Promise.reject(new Error('conductor absent')));
    await failing.nodes.adopt({ uuid: 'a' }, signal);
    expect(await failing.nodes.refresh(signal)).toEqual({ uuid: 'a' });
    const empty = record(async () => null);
    expect(await empty.nodes.refresh(signal)).toBeNull();
    const found = record(async () => ({ uuid: 'c' }));
    expect(await found.nodes.refresh(signal)).toEqual({ uuid: 'c' });
    expect(found.nodes.current()).toEqual({ uuid: 'c' });
  });
});
