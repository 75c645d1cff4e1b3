import { reasonOf } from '../../core/index.ts';
import { type LldpFrame, lldpFrame } from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { isDigestible } from './digestible.ts';
import { LONGEST_SILENCING_MS, silenceFirmware } from './firmware.ts';
import { parseTlvs, type Tlv } from './tlv.ts';
import { comesUp } from './up.ts';

type LldpPorts = Pick<HardwarePorts, 'tools' | 'files' | 'clock' | 'log'>;

/** Elements of the first LLDP frame, by NIC name; empty: none came; no entry: nothing could be received there (inventory.md 5.1). */
export type LldpHeard = ReadonlyMap<string, readonly Tlv[]>;

export interface LldpWish {
  readonly nics: readonly string[];
  /** Silence on all NICs after which the wait ends, in milliseconds; 0 does not listen. */
  readonly timeoutMs: number;
  /** The ramdisk's machine may be changed for it, an installed system may not: stops the LLDP agents of cards meanwhile. */
  readonly isOurs: boolean;
}

/** Until the programs listen; the time without frames counts from there. */
const START_MS = 1_000;
/** For the programs to end. One that does not is left behind. */
const END_MS = 5_000;
/** What timers can count. */
const LONGEST_MS = 2 ** 31 - 1;

/** The longest that `listenForLldp` takes: every frame starts the wait anew, and one of each NIC is taken. */
export const longestListening = ({ nics, timeoutMs, isOurs }: LldpWish): number =>
  Math.min((isOurs ? LONGEST_SILENCING_MS : 0) + START_MS + nics.length * timeoutMs + END_MS, LONGEST_MS);

/** All elements of a frame; a word about those that the report leaves out. */
function read(nic: string, unit: Uint8Array, log: LldpPorts['log']): readonly Tlv[] {
  const tlvs = parseTlvs(unit);
  const refused = tlvs.filter((tlv) => !isDigestible(tlv));
  if (refused.length > 0)
    log.warn('lldp.tlv.left_out', { nic, refused, why: 'its value is malformed and would fail the inspection' });
  return tlvs;
}

async function untilQuiet(
  { clock }: LldpPorts,
  quietMs: number,
  lastFrame: () => number,
  signal: AbortSignal,
): Promise<void> {
  const left = () => lastFrame() + quietMs - clock.monotonic();
  for (let ms = left(); ms > 0; ms = left()) await clock.sleep(Math.min(ms, LONGEST_MS), signal);
}

interface Ear {
  readonly heard: Map<string, readonly Tlv[]>;
  lastFrame: number;
}

async function oneFrame(ports: LldpPorts, nic: string, stop: AbortSignal): Promise<LldpFrame> {
  if (!(await comesUp(ports, nic, stop))) return { failed: 'the interface is not up' };
  return ports.tools.run(lldpFrame, { nic }, stop).catch((error: unknown) => {
    // Cancelled: there was none.
    if (stop.aborted) return { unit: null };
    return { failed: reasonOf(error) };
  });
}

async function receive(ports: LldpPorts, nic: string, ear: Ear, stop: AbortSignal): Promise<void> {
  const { clock, log } = ports;
  const frame = await oneFrame(ports, nic, stop);
  if ('failed' in frame) {
    ear.heard.delete(nic);
    return log.warn('lldp.nic.failed', { nic, reason: frame.failed });
  }
  if (stop.aborted) return;
  ear.lastFrame = clock.monotonic();
  log.info('lldp.heard', { nic, octets: frame.unit?.byteLength ?? 0 });
  if (frame.unit !== null) ear.heard.set(nic, read(nic, frame.unit, log));
}

async function hear(ports: LldpPorts, { nics, timeoutMs }: LldpWish, signal: AbortSignal): Promise<LldpHeard> {
  const { clock } = ports;
  const ear: Ear = { heard: new Map(nics.map((nic) => [nic, []])), lastFrame: clock.monotonic() + START_MS };
  const quiet = new AbortController();
  const done = new AbortController();
  const stop = AbortSignal.any([signal, quiet.signal]);
  const timers = AbortSignal.any([signal, done.signal]);
  const silence = untilQuiet(ports, timeoutMs, () => ear.lastFrame, timers).then(() => {
    quiet.abort();
    return clock.sleep(END_MS, timers);
  });
  try {
    await Promise.race([Promise.all(nics.map((nic) => receive(ports, nic, ear, stop))), silence]);
  } finally {
    done.abort();
  }
  signal.throwIfAborted();
  return ear.heard;
}

/**
 * Listens on all NICs at once for one LLDP frame each, until each has had one or no frame at all has come for
 * `timeoutMs`. A NIC that is down or vanishes costs its own entry and a warning.
 * @throws the signal's reason only
 */
export async function listenForLldp(ports: LldpPorts, wish: LldpWish, signal: AbortSignal): Promise<LldpHeard> {
  const { nics, timeoutMs, isOurs } = wish;
  if (timeoutMs === 0 || nics.length === 0) return new Map(nics.map((nic) => [nic, []]));
  ports.log.info('lldp.listen', { nics, timeoutMs, atMostMs: longestListening(wish) });
  const restore = isOurs ? await silenceFirmware(ports, nics) : null;
  try {
    const heard = await hear(ports, wish, signal);
    const silent = nics.filter((nic) => heard.get(nic)?.length === 0);
    if (silent.length > 0) ports.log.info('lldp.silent', { nics: silent, timeoutMs });
    return heard;
  } finally {
    await restore?.();
  }
}
