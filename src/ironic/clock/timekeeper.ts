import { type AgentError, reasonOf } from '../../core/index.ts';
import {
  type JsonHttp,
  type JsonRequest,
  type JsonResponse,
  ServerUnreachable,
  setSystemTime,
} from '../../system/index.ts';
import type { IronicPorts } from '../ports.ts';
import { type ClockReading, clocksDiffer, describeClocks, planCorrection } from './correction.ts';

export interface TimekeeperSettings {
  readonly enabled: boolean;
  /** A difference of the clocks below this does no harm. */
  readonly toleranceMs: number;
}

/** Faults that a wrong clock of ours can cause. */
const DATE_FAULT = /^CERT_(NOT_YET_VALID|HAS_EXPIRED)$/;
const isDateFault = (error: unknown): error is AgentError =>
  ServerUnreachable.is(error) && DATE_FAULT.test(String(error.data.code));

class Timekeeper implements JsonHttp {
  readonly #ports: IronicPorts;
  readonly #settings: TimekeeperSettings;
  #corrected = false;
  #warned = false;

  constructor(ports: IronicPorts, settings: TimekeeperSettings) {
    this.#ports = ports;
    this.#settings = settings;
  }

  async send(request: JsonRequest, signal: AbortSignal): Promise<JsonResponse> {
    const answer = await this.#ports.http.send(request, signal).catch(async (error: unknown) => {
      if (!isDateFault(error)) throw error;
      return this.#again(request, error, signal);
    });
    await this.#compare(answer, signal);
    return answer;
  }

  /** Our own certificate is made by our clock: the conductor must not find it outside its validity time. */
  async #compare({ date }: JsonResponse, signal: AbortSignal): Promise<void> {
    const reading = date === null ? null : { ours: this.#ports.clock.now(), theirs: date };
    if (reading === null || this.#warned || !clocksDiffer(reading, this.#settings.toleranceMs)) return;
    this.#warned = true;
    const why = await this.#correct(reading, signal);
    if (why !== null) this.#ports.log.warn('clock.differs', { clocks: describeClocks(reading), notCorrected: why });
  }

  /** The server's date, asked without trust, decides whether the fault is ours; then the request is made once more. */
  async #again(request: JsonRequest, fault: AgentError, signal: AbortSignal): Promise<JsonResponse> {
    const theirs = await this.#dateOf(request, signal);
    if (theirs === null) throw fault;
    const reading = { ours: this.#ports.clock.now(), theirs };
    const why = await this.#correct(reading, signal);
    if (why === null) return this.#ports.http.send(request, signal);
    throw ServerUnreachable(`${reasonOf(fault)}; ${describeClocks(reading)}; the clock was not corrected: ${why}`, {
      cause: fault,
      data: fault.data,
    });
  }

  async #dateOf(request: JsonRequest, signal: AbortSignal): Promise<number | null> {
    const url = new URL('/', request.url).href;
    const ask: JsonRequest = {
      ...{ method: 'GET', url, headers: {}, timeoutMs: request.timeoutMs },
      tls: { ...request.tls, certfile: null, keyfile: null, insecure: true },
    };
    return this.#ports.http.send(ask, signal).then(
      (answer) => answer.date,
      () => null,
    );
  }

  /** Null when the clock was set, else why not. */
  async #correct(reading: ClockReading, signal: AbortSignal): Promise<string | null> {
    const { tools, log } = this.#ports;
    const allowed = this.#corrected ? 'used' : this.#settings.enabled ? 'yes' : 'off';
    const plan = planCorrection(reading, { toleranceMs: this.#settings.toleranceMs, allowed });
    if ('keep' in plan) return plan.keep;
    this.#corrected = true;
    try {
      await tools.run(setSystemTime, { atMs: plan.set }, signal);
    } catch (error) {
      signal.throwIfAborted();
      return reasonOf(error);
    }
    const hint = 'set ntp_server, or the clock in the firmware set-up; its battery may be empty';
    log.warn('clock.corrected', { clocks: describeClocks(reading), hint });
    return null;
  }
}

/**
 * The same HTTP client, which keeps an eye on the clock: when a certificate seems outside its validity time, or the
 * conductor's clock differs so much that it would refuse ours, the clock is set by the server's `Date`, once a boot.
 */
export function createTimekeeper(ports: IronicPorts, settings: TimekeeperSettings): JsonHttp {
  return new Timekeeper(ports, settings);
}
