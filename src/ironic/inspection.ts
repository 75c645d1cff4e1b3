import { Type } from 'typebox';
import { fits, reasonOf } from '../core/index.ts';
import { type ClientTls, type JsonResponse, ServerUnreachable } from '../system/index.ts';
import { commonHeaders, faultOf, withoutLoneFile } from './api/index.ts';
import { InspectionFailed } from './errors.ts';
import { INSPECTION_ATTEMPTS, inspectionPause } from './pace.ts';
import type { IronicPorts } from './ports.ts';

export interface PostInspectionSettings {
  /** Complete URLs, see `inspectionTargets`. */
  readonly urls: readonly string[];
  readonly requestTimeoutMs: number;
  readonly tls: ClientTls;
  readonly globalRequestId: string | null;
}

/** Of the discoverd era (protocol 13.7), with user name and password beside it. */
const Credentials = Type.Object({ ipmi_setup_credentials: Type.Literal(true) });
const Accepted = Type.Object({ uuid: Type.String({ minLength: 1 }) });

type Ports = Pick<IronicPorts, 'http' | 'clock' | 'log' | 'talk'>;

/** The first URL that answers; null with the reasons when none does. */
async function postOnce(
  { http, log }: Ports,
  { urls, requestTimeoutMs, tls, globalRequestId }: PostInspectionSettings,
  body: unknown,
  signal: AbortSignal,
): Promise<JsonResponse | string> {
  const headers = commonHeaders(globalRequestId);
  const failures: string[] = [];
  for (const url of urls) {
    try {
      return await http.send({ method: 'POST', url, headers, body, timeoutMs: requestTimeoutMs, tls }, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!ServerUnreachable.is(error)) throw InspectionFailed(reasonOf(error), { cause: error });
      failures.push(error.details);
      log.debug('inspection.url.failed', { url, why: error.details });
    }
  }
  return failures.join('; ');
}

/** Status with which the server refused the report for good; null when the error is another one (protocol 13.2). */
export function refusalOf(error: unknown): number | null {
  const status = InspectionFailed.is(error) ? error.data.status : undefined;
  return typeof status === 'number' ? status : null;
}

/** Worth another try: no answer, a fault of the server, or a node that is locked just now (protocol 13.2). */
const isPassing = (status: number) => status >= 500 || status === 409;

function read(answer: JsonResponse, log: Ports['log']): { readonly uuid: string | null } {
  if (answer.status < 200 || answer.status > 299)
    throw InspectionFailed(`the inventory was refused with ${faultOf(answer)}`, {
      ...(answer.status === 404
        ? { hint: 'no node that waits for inspection has the MACs or BMC of this machine' }
        : {}),
      data: { status: answer.status },
    });
  if (fits(Credentials, answer.json))
    log.warn('inspection.credentials.ignored', {
      why: 'the server asks for a new BMC account; an answer that nobody signed may not make one',
      next: 'make the account by hand, or with the tools of the BMC',
    });
  const uuid = fits(Accepted, answer.json) ? answer.json.uuid : null;
  if (uuid === null) log.warn('inspection.no_uuid', { why: 'the answer names no node; lookup goes by MAC' });
  return { uuid };
}

async function deliver(
  ports: Ports,
  settings: PostInspectionSettings,
  payload: unknown,
  signal: AbortSignal,
): Promise<{ readonly uuid: string | null }> {
  const { clock, log, talk } = ports;
  const complete = { ...settings, tls: withoutLoneFile(settings.tls, log) };
  if (settings.urls.length === 0) throw InspectionFailed('no URL to send the inventory to');
  for (let attempt = 1; ; attempt += 1) {
    const answer = await postOnce(ports, complete, payload, signal);
    if (typeof answer !== 'string' && !isPassing(answer.status)) return read(answer, log);
    const why = typeof answer === 'string' ? answer : faultOf(answer);
    if (attempt === INSPECTION_ATTEMPTS)
      throw InspectionFailed(`the inventory could not be delivered in ${attempt} attempts, the last: ${why}`);
    const waitMs = inspectionPause(attempt);
    talk?.failed('inspection', why);
    log.warn('inspection.retry', { attempt, of: INSPECTION_ATTEMPTS, why, againInMs: waitMs });
    await clock.sleep(waitMs, signal);
  }
}

/**
 * Hands the inventory over, with five attempts. Silence, DNS faults and timeouts count as passing faults.
 * @returns the node's UUID for lookup, null when the answer has none
 * @throws InspectionError when it was refused or could not be delivered; the agent goes on without the UUID
 */
export async function postInspection(
  ports: Ports,
  settings: PostInspectionSettings,
  payload: unknown,
  signal: AbortSignal,
): Promise<{ readonly uuid: string | null }> {
  try {
    const delivered = await deliver(ports, settings, payload, signal);
    ports.talk?.succeeded('inspection');
    return delivered;
  } catch (error) {
    if (!signal.aborted) ports.talk?.failed('inspection', reasonOf(error));
    throw error;
  }
}
