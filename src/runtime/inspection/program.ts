import { type Clock, reasonOf, uniform } from '../../core/index.ts';
import { InspectionFailed, inspectionTargets } from '../../ironic/index.ts';
import { inspectionAddresses } from '../settings/index.ts';
import type { InspectionContext } from './context.ts';
import { makeReport, wantedCollectors } from './report.ts';
import { sendReport } from './send.ts';
import { waitForNic } from './wait-for-nic.ts';

const GROWTH = 2.7;
const LONGEST_MS = 4 * 300_000;

/**
 * Until the next report of the daemon (protocol.md 13.6): the interval, longer with each failure in a row, jittered.
 * Always from the configured interval, so that it does not drift.
 */
export function reportPause(intervalMs: number, failures: number, clock: Pick<Clock, 'random'>): number {
  const grown = Math.min(intervalMs * GROWTH ** failures, LONGEST_MS);
  return Math.max(intervalMs, grown) * uniform(clock, 0.7, 1.2);
}

/** One inspection. False when it was not taken, or when a collector failed and the report says so. */
async function inspectOnce(context: InspectionContext, signal: AbortSignal): Promise<boolean> {
  const { log } = context.ports;
  try {
    const names = wantedCollectors(context.settings.config());
    const { payload, failures } = await makeReport(context, names, signal);
    const { uuid } = await sendReport(context, payload, signal);
    log.info('inspect.delivered', { node: uuid, failures });
    return failures.length === 0;
  } catch (error) {
    signal.throwIfAborted();
    log.error('inspect.failed', { reason: reasonOf(error) });
    return false;
  }
}

async function repeat(context: InspectionContext, signal: AbortSignal): Promise<never> {
  const { clock, log } = context.ports;
  const intervalMs = context.settings.config().introspectionDaemonPostInterval * 1000;
  for (let failures = 0; ; ) {
    failures = (await inspectOnce(context, signal)) ? 0 : failures + 1;
    const againInMs = Math.round(reportPause(intervalMs, failures, clock));
    log.info('inspect.again', { againInMs, failures });
    await clock.sleep(againInMs, signal);
  }
}

/**
 * The inspection-only program: one report, or as a daemon one after another until `signal` aborts. It only reads: it
 * may run on an installed system, so it loads no drivers and assembles no arrays. `find` looks for servers first.
 * @returns whether the report was taken and whole; an ordered end of the daemon counts as well
 * @throws InspectionError when there is nobody to report to, and what `find` throws
 */
export async function inspectAlone(
  context: InspectionContext,
  find: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  const { settings, ports } = context;
  const isDaemon = settings.config().introspectionDaemon;
  try {
    await find(signal);
    if (inspectionTargets(inspectionAddresses(settings.config())).length === 0)
      throw InspectionFailed('there is nobody to report to', { hint: 'set inspection_callback_url or api_url' });
    await waitForNic(context, signal);
    return await (isDaemon ? repeat(context, signal) : inspectOnce(context, signal));
  } catch (error) {
    if (!signal.aborted) throw error;
    ports.log.info('inspect.stopped', { why: reasonOf(error) });
    return isDaemon;
  }
}
