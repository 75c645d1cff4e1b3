import { reasonOf } from '../../core/index.ts';
import { InspectionFailed, inspectionTargets, postInspection, refusalOf } from '../../ironic/index.ts';
import { inspectionAddresses, inspectionSettings } from '../settings/index.ts';
import type { InspectionContext, Part } from './context.ts';

const TOO_LARGE = 413;
/** Between two rounds of five attempts; as long as a service manager would take to start an agent anew. */
const ROUND_PAUSE_MS = 30_000;
/** About an hour. A conductor has given up on the inspection long before. */
const LAST_ROUND = 60;

/**
 * Hands the report over (protocol.md 13.2). A server that finds it too large gets it once more without the logs.
 * @throws InspectionError when it was refused or could not be delivered
 */
export async function sendReport(
  { ports, settings }: InspectionContext,
  payload: Part,
  signal: AbortSignal,
): Promise<{ readonly uuid: string | null }> {
  const config = settings.config();
  const urls = inspectionTargets(inspectionAddresses(config));
  const target = { ...inspectionSettings(config, settings.local()), urls };
  try {
    return await postInspection(ports, target, payload, signal);
  } catch (error) {
    const { logs, ...rest } = payload;
    if (refusalOf(error) !== TOO_LARGE || logs === undefined) throw error;
    ports.log.warn('inspect.logs.left_out', { why: reasonOf(error) });
    return await postInspection(ports, target, rest, signal);
  }
}

/** A report that is tried in the background. */
export interface LateReport {
  /** Of the node; null until the server has named it. */
  uuid(): string | null;
  /** `ended`: refused, or given up. */
  state(): 'trying' | 'taken' | 'ended';
}

/**
 * Goes on trying in the background, while lookup runs, until the report is taken or refused or `signal` aborts. Never
 * rejects. `taken` hears of the delivery.
 */
export function keepSending(
  context: InspectionContext,
  payload: Part,
  taken: (uuid: string | null) => Promise<void>,
  signal: AbortSignal,
): LateReport {
  const { clock, log } = context.ports;
  let uuid: string | null = null;
  let state: ReturnType<LateReport['state']> = 'trying';
  const run = async () => {
    for (let round = 1; round <= LAST_ROUND; round += 1) {
      await clock.sleep(ROUND_PAUSE_MS, signal);
      try {
        uuid = (await sendReport(context, payload, signal)).uuid;
        state = 'taken';
        await taken(uuid);
        return log.info('inspect.callback.delivered', { afterRounds: round });
      } catch (error) {
        if (!InspectionFailed.is(error) || refusalOf(error) !== null) throw error;
        log.warn('inspect.callback.failed', { reason: reasonOf(error), againInMs: ROUND_PAUSE_MS });
      }
    }
    state = 'ended';
    log.error('inspect.callback.given_up', { rounds: LAST_ROUND });
  };
  run().catch((error: unknown) => {
    state = 'ended';
    if (!signal.aborted) log.error('inspect.callback.given_up', { reason: reasonOf(error) });
  });
  return { uuid: () => uuid, state: () => state };
}
