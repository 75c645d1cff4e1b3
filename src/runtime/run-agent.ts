import { reasonOf } from '../core/index.ts';
import { setLinksDown } from '../hardware/index.ts';
import {
  type BootContext,
  type BootEnd,
  type BootFacts,
  bootUp,
  heartbeatOf,
  isEnd,
  isRescued,
  type MachinePorts,
  phasesOf,
  type Session,
} from './boot/index.ts';
import type { Hub } from './hub.ts';
import { isInspecting } from './settings/index.ts';

const BOOT_RETRY_MS = 5_000;
const LINK_CHECK_MS = 10_000;
/** For a running command to obey; what has not ended by then is found FAILED after the restart. */
const STOP_MS = 8_000;
/** Why the API closes for good when it is not a lockdown. */
export const RESCUED = 'rescued';

export interface Running {
  readonly ports: MachinePorts;
  readonly version: string;
  readonly hub: Hub;
  readonly session: Session;
  readonly context: BootContext;
  /** Aborts when `system.lockdown` was asked for; with reason `RESCUED` when a rescue was finished. */
  readonly lock: AbortSignal;
  readonly closeApi: () => Promise<void>;
  /** Stops the running command, so that nothing writes to a disk when the process is told to end. */
  readonly stopJobs: (why: string) => Promise<void>;
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Keeps the process alive without a socket: pending promises alone would let it end, and init would start it anew. */
async function idleFor(signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => undefined, 3_600_000);
  await untilAborted(signal);
  clearInterval(alive);
}

/** What an operator in front of the machine reads, for a state that only a new boot ends. */
const NEXT: Readonly<Record<BootEnd['end'], string>> = {
  locked: 'a new boot; all network links are down',
  rescued: 'a new boot; the machine is in the hands of its user',
  'fatal-token': 'a new boot: end the operation in Ironic and start it again',
};

/** Takes the links down, and down again should anything bring one up; the timer keeps the process alive. */
async function holdLinksDown(ports: MachinePorts, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await setLinksDown(ports, signal);
      await ports.clock.sleep(LINK_CHECK_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A state without API until the next boot: say so, and idle. Locked or without a token, nobody may reach the machine. */
async function idle({ ports, hub, context }: Running, { end, why }: BootEnd, signal: AbortSignal): Promise<void> {
  ports.log.error('agent.idle', { state: end, why, waitsFor: NEXT[end] });
  hub.failed(why);
  hub.enter(end, NEXT[end]);
  if (end === 'rescued') return idleFor(signal);
  await context.memory.keepEnd({ kind: end, why });
  await holdLinksDown(ports, signal);
}

/** Not an end of the boot: an operator may still reach the agent (protocol.md 1.1). */
function tellSolitude({ ports, context }: Running): void {
  const inspected = isInspecting(context.settings.config());
  ports.log[inspected ? 'info' : 'error']('agent.no_conductor', {
    why: inspected ? 'api_url is not set' : 'neither api_url nor inspection_callback_url is set',
    effect: 'lookup and heartbeats are left out',
    ...(inspected ? {} : { next: 'pass ipa-api-url to the kernel, or set api_url in a configuration file' }),
  });
}

async function serve(running: Running, facts: BootFacts, signal: AbortSignal): Promise<void> {
  const { ports, hub, session, context, lock } = running;
  const heartbeat = heartbeatOf(facts, ports, context.settings, running);
  if (heartbeat === null) tellSolitude(running);
  await session.open(facts, heartbeat, signal);
  // Whether the conductor heard of the last command before the restart is unknown: heartbeats press until it asks.
  if (context.memory.before.commands.length > 0) heartbeat?.force();
  if (facts.callbackHost !== undefined) hub.learn({ addresses: [facts.callbackHost] });
  hub.enter('serving', heartbeat === null ? null : 'commands of the conductor');
  const serving = AbortSignal.any([signal, lock]);
  await (heartbeat === null ? untilAborted(serving) : heartbeat.start(serving));
}

/** Answers under way finish, and what runs is told to stop; neither may take long. */
async function drain({ ports, hub, closeApi, stopJobs }: Running, signal: AbortSignal): Promise<void> {
  hub.enter('stopping', 'answers under way');
  const stopped = signal.aborted
    ? Promise.race([stopJobs(`the agent was told to end (${reasonOf(signal.reason)})`), ports.clock.sleep(STOP_MS)])
    : Promise.resolve();
  await Promise.all([closeApi(), stopped]);
}

/** Boots and serves. The end is a state to idle in, or null when the process was told to end. */
async function live(running: Running, signal: AbortSignal): Promise<BootEnd | null> {
  const { ports, hub, context, lock } = running;
  try {
    const life = { phases: phasesOf(context), hub, log: ports.log, clock: ports.clock, retryMs: BOOT_RETRY_MS };
    const booted = await bootUp(life, AbortSignal.any([signal, lock]));
    if (isEnd(booted)) return booted;
    await serve(running, booted, signal);
  } catch (error) {
    if (!signal.aborted && !lock.aborted) throw error;
  }
  return signal.aborted ? null : { end: 'locked', why: 'system.lockdown was asked for' };
}

/** Links stay up for the tenant. The marker keeps init from starting the agent anew; where it is missing only staying does. */
async function endRescued({ ports, hub }: Running, signal: AbortSignal): Promise<void> {
  ports.log.warn('agent.rescued', { why: 'rescue.finalize_rescue was asked for; the machine belongs to its tenant' });
  hub.enter('rescued', NEXT.rescued);
  if (!(await isRescued(ports.files))) await idleFor(signal);
}

/** Boots, serves until told to stop or to lock, closes what was opened. Resolves when `signal` aborts. */
export async function runAgent(running: Running, signal: AbortSignal): Promise<void> {
  const end = await live(running, signal);
  await drain(running, signal);
  if (end === null || signal.aborted) return;
  await (running.lock.reason === RESCUED ? endRescued(running, signal) : idle(running, end, signal));
}
