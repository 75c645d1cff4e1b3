import { reasonOf } from '../../core/index.ts';
import type { JsonResponse } from '../../system/index.ts';
import { type ConductorApi, faultOf, WITH_TOKEN } from '../api/index.ts';
import { LookupFailed } from '../errors.ts';
import { conflictPause, lookupDelay } from '../pace.ts';
import type { IronicPorts } from '../ports.ts';
import { type LookupResult, readLookup } from './read-answer.ts';

export interface LookupSettings {
  /** Of every interface that has one, in inventory order. */
  readonly macs: readonly string[];
  /** What inspection returned; Ironic then looks at nothing else. */
  readonly nodeUuid: string | null;
  /** From the first attempt; 0 means one attempt. */
  readonly timeoutMs: number;
  /** Least wait between attempts. */
  readonly intervalMs: number;
  /** The token this agent has already, from virtual media or an earlier lookup. */
  readonly knownToken: string | null;
}

interface Refusal {
  readonly status: number | null;
  readonly why: string;
  readonly advice: string | null;
}

/** What an operator can do about it; the conductor answers 404 to everything on purpose (protocol 4.2). */
function adviceFor(status: number, { macs, nodeUuid }: LookupSettings): string | null {
  const who = nodeUuid === null ? `a port with one of the MACs ${macs.join(', ')}` : `node ${nodeUuid}`;
  if (status === 400) return `check that this machine has a MAC and that a conductor serves the node (${who})`;
  if (status === 403) return 'the API does not serve ramdisks; use the address of one that does';
  if (status === 404) return `check that exactly one node has ${who} and that it waits for its ramdisk`;
  if (status === 409) return 'the node is locked; the conductor is making the token';
  return status === 406 ? 'the API is older than this agent asked for' : null;
}

function lookupPath({ macs, nodeUuid }: LookupSettings): string {
  const query = new URLSearchParams({ addresses: macs.join(',') });
  if (nodeUuid !== null) query.set('node_uuid', nodeUuid);
  return `/v1/lookup?${query}`;
}

function read(answer: JsonResponse, settings: LookupSettings): LookupResult | Refusal {
  const { status } = answer;
  if (status !== 200) return { status, why: faultOf(answer), advice: adviceFor(status, settings) };
  try {
    return readLookup(answer.json, settings.knownToken);
  } catch (error) {
    return { status, why: reasonOf(error), advice: 'check that the address is that of the Ironic API' };
  }
}

/** A conductor keeps the token from a request of an old version, and refuses all that comes without it later. */
const TOKENLESS: Refusal = {
  status: null,
  why: 'the API root named no version, and without it the conductor gives no token',
  advice: 'check that GET on the API address answers the version document of Ironic, or set ironic_api_version',
};

async function attemptOnce(
  api: ConductorApi,
  settings: LookupSettings,
  signal: AbortSignal,
): Promise<LookupResult | Refusal> {
  try {
    const answer = await api.request({ method: 'GET', path: lookupPath(settings), newest: WITH_TOKEN }, signal);
    const outcome = read(answer, settings);
    return 'node' in outcome && outcome.token.kind === 'none' && api.isGuessing() ? TOKENLESS : outcome;
  } catch (error) {
    signal.throwIfAborted();
    return { status: null, why: reasonOf(error), advice: null };
  }
}

function report({ log }: Pick<IronicPorts, 'log'>, found: LookupResult): void {
  for (const why of found.warnings) log.warn('lookup.config', { why });
  if (found.token.kind === 'masked-unknown')
    log.error('lookup.token.masked', {
      why: 'the conductor gave the token of this boot to an earlier run of the agent and does not repeat it',
      advice: 'restart the operation; the conductor then makes a new token',
    });
  log.info('lookup.found', { node: found.node.uuid, tokenKind: found.token.kind });
}

function reportRetry(
  { log, talk }: Pick<IronicPorts, 'log' | 'talk'>,
  { status, why, advice }: Refusal,
  pace: { readonly attempt: number; readonly againInMs: number },
): void {
  log.warn('lookup.retry', { ...pace, why, ...(advice === null ? {} : { advice }) });
  // A locked node is the ordinary course of things.
  if (status !== 409) talk?.failed('lookup', advice === null ? why : `${why}; ${advice}`);
}

/**
 * Asks the conductor which node this machine is, again and again until it knows (protocol 4.2). The caller keeps the
 * token of the result and adds it to the secrets before it logs anything more.
 * @throws LookupNodeError after `timeoutMs`, with the last reason; the signal's reason when aborted
 */
export async function lookup(
  ports: Pick<IronicPorts, 'clock' | 'log' | 'talk'>,
  api: ConductorApi,
  settings: LookupSettings,
  signal: AbortSignal,
): Promise<LookupResult> {
  const { clock, talk } = ports;
  const deadline = clock.monotonic() + settings.timeoutMs;
  let conflicts = 0;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(api, settings, signal);
    if ('node' in outcome) {
      talk?.succeeded('lookup');
      report(ports, outcome);
      return outcome;
    }
    const { status, why, advice } = outcome;
    const leftMs = deadline - clock.monotonic();
    if (leftMs <= 0)
      throw LookupFailed(`no answer to go on with after ${settings.timeoutMs / 1000} s, the last was: ${why}`, {
        ...(advice === null ? {} : { hint: advice }),
        data: { attempts: attempt },
      });
    if (status === 409) conflicts += 1;
    const pause = (status === 409 ? conflictPause(conflicts) : 0) + lookupDelay(attempt, settings.intervalMs, clock);
    const waitMs = Math.min(pause, leftMs);
    reportRetry(ports, outcome, { attempt, againInMs: Math.round(waitMs) });
    await clock.sleep(waitMs, signal);
  }
}
