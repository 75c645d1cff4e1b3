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

const BOOT_RETRY_MS = 5_000;
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
  readonly cancel: () => void;
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

/** The boot ended in a state without API: say so, and idle. Without a token nobody may reach this machine. */
async function idle({ ports, hub }: Running, { end, why }: BootEnd, signal: AbortSignal): Promise<void> {
  ports.log.error('agent.idle', { state: end, why });
  hub.failed(why);
  if (end === 'fatal-token') await setLinksDown(ports, signal);
  hub.enter(end, why);
  await idleFor(signal);
}

async function serve(running: Running, facts: BootFacts, signal: AbortSignal): Promise<void> {
  const { ports, hub, session, context, lock } = running;
  const heartbeat = heartbeatOf(facts, ports, context.settings, running);
  await session.open(facts, heartbeat, signal);
  if (facts.callbackHost !== undefined) hub.learn({ addresses: [facts.callbackHost] });
  hub.enter('serving', heartbeat === null ? null : 'commands of the conductor');
  const serving = AbortSignal.any([signal, lock]);
  await (heartbeat === null ? untilAborted(serving) : heartbeat.start(serving));
}

/** The process must stay: an exit would make the init system start a fresh agent. */
async function lockDown({ ports, hub }: Running, signal: AbortSignal): Promise<void> {
  await setLinksDown(ports, signal);
  ports.log.warn('agent.locked', { why: 'system.lockdown was asked for; links are down' });
  hub.enter('locked', null);
  await idleFor(signal);
}

/** Links stay up for the tenant. The marker keeps every later start silent; where it is missing only staying does. */
async function endRescued({ ports, hub }: Running, signal: AbortSignal): Promise<void> {
  ports.log.warn('agent.rescued', { why: 'rescue.finalize_rescue was asked for; the machine belongs to its tenant' });
  hub.enter('rescued', null);
  if (!(await isRescued(ports.files))) await idleFor(signal);
}

/** Boots, serves until told to stop or to lock, closes what was opened. Resolves when `signal` aborts. */
export async function runAgent(running: Running, signal: AbortSignal): Promise<void> {
  const { ports, hub, context, lock, closeApi, cancel } = running;
  try {
    const life = { phases: phasesOf(context), hub, log: ports.log, clock: ports.clock, retryMs: BOOT_RETRY_MS };
    const booted = await bootUp(life, signal);
    if (isEnd(booted)) return await idle(running, booted, signal);
    await serve(running, booted, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (signal.aborted || lock.aborted) hub.enter('stopping', 'answers under way');
    if (signal.aborted) cancel();
    await closeApi();
  }
  if (!lock.aborted || signal.aborted) return;
  await (lock.reason === RESCUED ? endRescued : lockDown)(running, signal);
}
