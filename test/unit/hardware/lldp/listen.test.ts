import { describe, expect, it } from 'vitest';
import type { Log } from '../../../../src/core/index.ts';
import { listenForLldp, lldpRaw, longestListening } from '../../../../src/hardware/index.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { airOf, type Sound } from '../../../kit/lldp/air.ts';
import { END, start, switchTlvs, switchUnit, tlv } from '../../../kit/lldp/frames.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';
import { recordedTools } from '../../../kit/recorded-tools.ts';

const at = (afterS: number, unit = switchUnit): Sound => ({ afterS, unit });

interface Scene {
  readonly sounds: Readonly<Record<string, Sound>>;
  readonly timeoutS?: number;
  readonly files?: Entries;
}

function scene({ sounds, timeoutS = 30, files: entries = {} }: Scene) {
  const files = memoryFiles(entries);
  const clock = createFakeClock();
  const air = airOf(sounds, clock, recordedTools([]));
  const events: string[] = [];
  const note = (event: string, fields?: object) => void events.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { debug: () => undefined, info: note, warn: note, error: note };
  const wish = { nics: Object.keys(sounds), timeoutMs: timeoutS * 1000, isOurs: false };
  const stop = new AbortController();
  const heard = listenForLldp({ tools: air, files, clock, log }, wish, stop.signal);
  return { clock, air, files, events, wish, stop, heard };
}

/** Seconds after which it was over, and how many elements each NIC has. */
async function play(what: Scene) {
  const { clock, heard, air, events } = scene(what);
  let result: Awaited<typeof heard> | undefined;
  heard.then(
    (value) => {
      result = value;
    },
    () => undefined,
  );
  while (result === undefined) await clock.advance(500);
  const counts = Object.fromEntries([...result].map(([nic, tlvs]) => [nic, tlvs.length]));
  return { seconds: clock.elapsed() / 1000, counts, result, air, events };
}

const all = switchTlvs.length;
const eth0 = { eth0: at(2) };

describe('the wait for LLDP frames (inventory.md 5.1)', () => {
  it.each<readonly [string, Scene, number, Readonly<Record<string, number>>]>([
    ['every NIC hears one: over at the last', { sounds: { eth0: at(2), eth1: at(9) } }, 9, { eth0: all, eth1: all }],
    ['silence everywhere: over after the timeout', { sounds: { eth0: 'silence' } }, 31, { eth0: 0 }],
    [
      'each frame starts the wait anew',
      { sounds: { a: at(28), b: at(57), c: 'silence' } },
      87,
      { a: all, b: all, c: 0 },
    ],
    ['a frame that is later than the timeout', { sounds: { a: at(5), b: at(36) } }, 35, { a: all, b: 0 }],
    ['a NIC that is down is not waited for', { sounds: { a: 'down', b: at(3) } }, 3, { b: all }],
    ['all NICs are down', { sounds: { a: 'down', b: 'down' } }, 0.5, {}],
    ['no NIC at all', { sounds: {} }, 0.5, {}],
    ['a timeout of no time does not listen', { sounds: eth0, timeoutS: 0 }, 0.5, { eth0: 0 }],
    ['half a second is a timeout', { sounds: eth0, timeoutS: 0.5 }, 1.5, { eth0: 0 }],
    ['a frame without any element', { sounds: { eth0: at(1, '') } }, 1, { eth0: 0 }],
  ])('%s', async (_case, what, seconds, counts) => {
    const played = await play(what);
    expect(played.counts).toEqual(counts);
    expect(played.seconds).toBe(seconds);
  });

  const isDown = { '/sys/class/net/a/flags': '0x1002' };
  const isUp = { '/sys/class/net/a/flags': '0x1003' };
  it.each<readonly [string, Scene, number, Readonly<Record<string, number>>]>([
    ['that is up', { sounds: { a: at(1) }, files: isUp }, 1, { a: all }],
    ['that stays down, with frames elsewhere', { sounds: { a: at(1), b: at(1) }, files: isDown }, 10, { b: all }],
    ['that stays down, with silence elsewhere', { sounds: { a: at(1), b: 'silence' }, files: isDown }, 31, { b: 0 }],
    ['that stays down longer than the wait', { sounds: { a: at(1) }, timeoutS: 4, files: isDown }, 5, {}],
  ])('a NIC %s', async (_case, what, seconds, counts) => {
    const played = await play(what);
    expect(played.counts).toEqual(counts);
    expect(played.seconds).toBe(seconds);
    const warned = played.events.filter((event) => event.includes('the interface is not up'));
    expect(warned).toHaveLength('a' in counts ? 0 : 1);
  });

  it('a NIC that comes up a moment later is heard', async () => {
    const sounds = { a: at(2) };
    const { clock, heard, files } = scene({ sounds, files: isDown });
    await clock.advance(3_000);
    await files.write('/sys/class/net/a/flags', '0x1003');
    await clock.advance(3_000);
    expect((await heard).get('a')).toHaveLength(all);
    expect(clock.elapsed()).toBe(6_000);
  });

  it('gives every element of the frame, in order', async () => {
    const { result } = await play({ sounds: eth0 });
    expect(result.get('eth0')).toEqual(switchTlvs);
  });

  it('keeps the order of the NICs, whoever hears first', async () => {
    const { result } = await play({ sounds: { eth1: at(5), eth0: at(1) } });
    expect([...result.keys()]).toEqual(['eth1', 'eth0']);
  });

  it('keeps what would fail the inspection in the servers, and says so; the report leaves it out', async () => {
    const bad = tlv(1, '0400') + start('p').slice(tlv(1, '040012aabbcc00').length) + tlv(5, 'e4') + END;
    const { result, events } = await play({ sounds: { eth0: at(1, bad), eth1: 'silence' }, timeoutS: 1 });
    expect(result.get('eth0')?.map(([type]) => type)).toEqual([1, 2, 3, 5, 0]);
    expect(events.find((event) => event.startsWith('lldp.tlv.left_out'))).toContain('[[1,"0400"],[5,"e4"]]');
    const kept = [
      [2, '0570'],
      [3, '0078'],
      [0, ''],
    ];
    expect(lldpRaw(result)).toEqual({ eth0: kept, eth1: [] });
  });

  it('ends the program of every NIC that heard nothing', async () => {
    const { air, events } = await play({ sounds: { eth0: 'silence', eth1: 'silence' } });
    expect(air.log.slice(2)).toEqual([expect.stringMatching(/^eth0: /), expect.stringMatching(/^eth1: /)]);
    expect(events.at(-1)).toBe('lldp.silent {"nics":["eth0","eth1"],"timeoutMs":30000}');
  });

  it('is bounded: as many timeouts as there are NICs', async () => {
    const sounds = Object.fromEntries([1, 2, 3, 4].map((n) => [`eth${n}`, at(n * 30)]));
    const { wish } = scene({ sounds });
    const { seconds } = await play({ sounds });
    expect(seconds).toBe(120);
    expect(longestListening(wish)).toBe(126_000);
    expect(longestListening({ ...wish, isOurs: true })).toBe(151_000);
    expect(longestListening({ nics: ['a'], timeoutMs: 1e12, isOurs: false })).toBe(2 ** 31 - 1);
  });

  it('stops at once when the agent is told to end, and leaves no program behind', async () => {
    const { clock, air, stop, heard } = scene({ sounds: { eth0: 'silence', eth1: at(20) } });
    await clock.advance(5_000);
    stop.abort(new Error('shutting down'));
    await expect(heard).rejects.toThrow('shutting down');
    await clock.advance(0);
    expect(air.log).toEqual(['eth0', 'eth1', 'eth0: shutting down', 'eth1: shutting down']);
  });

  it('does not hang with a program that does not end', async () => {
    const clock = createFakeClock();
    const log: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const deaf = { run: () => new Promise<never>(() => undefined) };
    const wish = { nics: ['a'], timeoutMs: 10_000, isOurs: false };
    const heard = listenForLldp(
      { tools: deaf, files: memoryFiles({}), clock, log },
      wish,
      new AbortController().signal,
    );
    await clock.advance(longestListening(wish));
    expect(await heard).toEqual(new Map([['a', []]]));
  });
});
