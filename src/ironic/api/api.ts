import { Type } from 'typebox';
import { fits, type Log, reasonOf } from '../../core/index.ts';
import type { ClientTls, JsonResponse } from '../../system/index.ts';
import { IronicApiFailed } from '../errors.ts';
import type { IronicPorts } from '../ports.ts';
import { faultOf } from './faults.ts';
import { commonHeaders, withoutLoneFile } from './headers.ts';
import { createUrlPool, type Reached } from './url-pool.ts';
import { type ApiVersion, formatVersion, lower, OLDEST, parseVersion } from './version.ts';

export interface ApiSettings {
  /** In order of preference, with or without a trailing `/v1`. */
  readonly urls: readonly string[];
  /** `x.y`: taken as the server's version without asking it. */
  readonly version: string | null;
  /** What an earlier run of the agent found out: believed while the server cannot be asked. */
  readonly assumed?: ApiVersion | null;
  readonly requestTimeoutMs: number;
  /** `req-<UUID>`, sent as `X-OpenStack-Request-ID`. */
  readonly globalRequestId: string | null;
  readonly tls: ClientTls;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** From `/v1` on, with its query. */
  readonly path: string;
  /** The newest version this request knows; the lower of this and the server's goes into the header. */
  readonly newest: ApiVersion;
  /** The JSON body, by the version agreed on. */
  readonly body?: (agreed: ApiVersion) => unknown;
}

export interface ConductorApi {
  /** Base URLs; the one that answered last is first. */
  urls(): readonly string[];
  /** Newest version of the server; 1.31, or what was assumed, while it cannot be found out; then it is asked again at the next call. */
  apiVersion(signal: AbortSignal): Promise<ApiVersion>;
  /** Nothing tells the server's version, so that requests go out with 1.31. */
  isGuessing(): boolean;
  /**
   * Any HTTP status is an answer.
   * @throws ServerUnreachable when no URL answered, IronicAPIError while the API root itself fails
   */
  request(request: ApiRequest, signal: AbortSignal): Promise<JsonResponse>;
  /** Every URL that answers anything, trusted or not. */
  probe(signal: AbortSignal): Promise<readonly Reached[]>;
}

const Root = Type.Object({ default_version: Type.Object({ version: Type.String() }) });

/** Version of the API root; null when the root is no version document (a proxy's page, say). */
function readRoot(answer: JsonResponse): ApiVersion | null {
  if (answer.status >= 500) throw IronicApiFailed(`the API root answers ${faultOf(answer)}`);
  return fits(Root, answer.json) ? parseVersion(answer.json.default_version.version) : null;
}

function fixedVersion(settings: ApiSettings, log: Log): ApiVersion | null {
  const version = parseVersion(settings.version);
  if (settings.version !== null && version === null)
    log.warn('ironic.version.ignored', { value: settings.version, why: 'not of the form x.y; the server is asked' });
  return version;
}

export function createApi(ports: Pick<IronicPorts, 'http' | 'clock' | 'log'>, settings: ApiSettings): ConductorApi {
  const { log } = ports;
  const tls = withoutLoneFile(settings.tls, log);
  const pool = createUrlPool(ports, { urls: settings.urls, timeoutMs: settings.requestTimeoutMs, tls });
  const headers = commonHeaders(settings.globalRequestId);
  const fixed = fixedVersion(settings, log);
  const guess = settings.assumed ?? OLDEST;
  let known = fixed;
  const discover = async (signal: AbortSignal): Promise<ApiVersion> => {
    if (known !== null) return known;
    known = readRoot(await pool.send({ method: 'GET', path: '/', headers }, signal));
    if (known === null)
      log.warn('ironic.version.unknown', { why: 'the API root names none', assumed: formatVersion(guess) });
    else log.info('ironic.version', { version: formatVersion(known), url: pool.urls()[0] });
    return known ?? guess;
  };
  return {
    urls: pool.urls,
    isGuessing: () => known === null && (settings.assumed ?? null) === null,
    probe: (signal) => pool.probe(headers, signal),
    apiVersion: (signal) =>
      discover(signal).catch((error: unknown) => {
        signal.throwIfAborted();
        log.warn('ironic.version.unknown', { why: reasonOf(error), assumed: formatVersion(guess) });
        return guess;
      }),
    async request({ method, path, newest, body }, signal) {
      // No guess here when the root does not answer: a lookup at 1.31 would succeed without a token.
      const agreed = lower(await discover(signal), newest);
      const versioned = { ...headers, 'X-OpenStack-Ironic-API-Version': formatVersion(agreed) };
      const content = body === undefined ? {} : { body: body(agreed) };
      const answer = await pool.send({ method, path, headers: versioned, ...content }, signal);
      // Rolled back, or another server took over: what was found out no longer holds.
      if (answer.status === 406) known = fixed;
      return answer;
    },
  };
}
