import { reasonOf } from '../../core/index.ts';
import type { ConductorApi } from '../api/index.ts';
import { FORCED_GAP_MS, heartbeatDelay, refusalBackoff } from '../pace.ts';
import type { IronicPorts } from '../ports.ts';
import type { HeartbeatFacts } from './request.ts';
import { createHeartbeatSender, type HeartbeatSender, type SendingState } from './sender.ts';

export interface HeartbeatSettings extends HeartbeatFacts {
  /** The conductor's `heartbeat_timeout`. */
  readonly intervalMs: number;
}

/** For the status screen. */
export interface HeartbeatState extends SendingState {
  readonly running: boolean;
  /** A command ended and the conductor has not spoken to us since. */
  readonly unheard: boolean;
}

export interface Heartbeat {
  /** Beats until aborted, whatever happens; resolves then. The first heartbeat goes out at once. */
  start(signal: AbortSignal): Promise<void>;
  /** A command ended: heartbeat as soon as the gap allows, and keep on until the conductor speaks to us. */
  force(): void;
  /** The conductor sent an authorised request. */
  conductorSpoke(): void;
  state(): HeartbeatState;
}

interface Pacer {
  /** Monotonic time at which the heartbeat after this one is due. */
  next(attemptAt: number, outcome: 'accepted' | 'failed', refusals: number): number;
  /** Waits until then, or until a forced heartbeat may go out. */
  rest(attemptAt: number, due: number, signal: AbortSignal): Promise<void>;
  /** Call before sending: a request that comes while a heartbeat is in flight asks for another one. */
  takeForced(): void;
  force(): void;
  heard(): void;
  unheard(): boolean;
}

function createPacer({ clock }: Pick<IronicPorts, 'clock'>, intervalMs: number): Pacer {
  let forced = false;
  let unheard = false;
  /** An unseen result keeps heartbeats close together for one interval; after that the usual pace does as well. */
  let pressUntil = 0;
  let wake = new AbortController();
  return {
    takeForced: () => {
      forced = false;
    },
    force: () => {
      forced = true;
      unheard = true;
      pressUntil = clock.monotonic() + intervalMs;
      wake.abort();
    },
    heard: () => {
      unheard = false;
    },
    unheard: () => unheard,
    next: (attemptAt, outcome, refusals) => {
      const now = clock.monotonic();
      if (outcome === 'failed') return now + heartbeatDelay('failed', intervalMs, clock) * refusalBackoff(refusals);
      return attemptAt + heartbeatDelay(unheard && now < pressUntil ? 'unheard' : 'accepted', intervalMs, clock);
    },
    rest: async (attemptAt, due, signal) => {
      for (;;) {
        const waitMs = (forced ? Math.min(attemptAt + FORCED_GAP_MS, due) : due) - clock.monotonic();
        if (waitMs <= 0) return;
        wake = new AbortController();
        await clock.sleep(waitMs, AbortSignal.any([signal, wake.signal])).catch(() => signal.throwIfAborted());
      }
    },
  };
}

async function beatOn(
  sender: HeartbeatSender,
  pacer: Pacer,
  { clock }: Pick<IronicPorts, 'clock'>,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    signal.throwIfAborted();
    const attemptAt = clock.monotonic();
    pacer.takeForced();
    const outcome = await sender.send(signal);
    await pacer.rest(attemptAt, pacer.next(attemptAt, outcome, sender.state().refusals), signal);
  }
}

/** Tells the conductor that the agent lives and where (protocol 5.1 to 5.3). No outcome of a heartbeat ends it. */
export function createHeartbeat(
  ports: Pick<IronicPorts, 'clock' | 'log' | 'talk'>,
  api: ConductorApi,
  settings: HeartbeatSettings,
): Heartbeat {
  const sender = createHeartbeatSender(ports, api, settings);
  const pacer = createPacer(ports, settings.intervalMs);
  let running = false;
  return {
    force: pacer.force,
    conductorSpoke: pacer.heard,
    state: () => ({ ...sender.state(), running, unheard: pacer.unheard() }),
    async start(signal) {
      running = true;
      while (!signal.aborted) {
        await beatOn(sender, pacer, ports, signal).catch(async (error: unknown) => {
          if (signal.aborted) return;
          ports.log.error('heartbeat.restarted', { why: reasonOf(error) });
          await ports.clock.sleep(FORCED_GAP_MS, signal).catch(() => undefined);
        });
      }
      running = false;
    },
  };
}
