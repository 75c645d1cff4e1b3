import type { Config } from '../../config/index.ts';
import { boundedLog, type Clock, type Log, reasonOf } from '../../core/index.ts';
import type { Datagrams, Files } from '../../system/index.ts';
import type { ApiAnswer, Metrics } from './metrics.ts';

/** Timers of the reference by route (protocol.md 11.1); both spellings of a path count as one. */
const TIMERS: Readonly<Record<string, string>> = {
  'GET /status': 'get_status',
  'GET /commands/': 'list_commands',
  'GET /commands/:id': 'get_command',
  'POST /commands/': 'run_command',
};
const PREFIX = 'ironic_python_agent.api.app';

/** Name of the timer of an answer; null when there is none. Refusals have none: the reference measures what succeeds. */
export function timerOf({ method, route, status }: Omit<ApiAnswer, 'ms'>): string | null {
  if (route === null || status >= 400) return null;
  return TIMERS[`${method === 'HEAD' ? 'GET' : method} ${route.replace(/^\/v1/, '')}`] ?? null;
}

type Naming = Pick<Config, 'metricsGlobalPrefix' | 'metricsPrependHost' | 'metricsPrependHostReverse'>;

/** `[global_prefix.][host or reversed host.]ironic_python_agent.api.app.<timer>` */
export function metricName(timer: string, naming: Naming, host: string | null): string {
  const labels = (host ?? '').split('.').filter((label) => label !== '');
  const hostPart = naming.metricsPrependHostReverse ? labels.reverse() : labels;
  const parts = [naming.metricsGlobalPrefix ?? '', ...(naming.metricsPrependHost ? hostPart : []), PREFIX, timer];
  return parts.filter((part) => part !== '').join('.');
}

export interface Sum {
  readonly count: number;
  /** Milliseconds. */
  readonly sum: number;
  readonly type: 'timer';
}

export interface Timers extends Pick<Metrics, 'answered'> {
  /** What backend `collector` has kept. */
  collected(): Readonly<Record<string, Sum>>;
}

export interface TimerOptions {
  /** Read at each sample: the conductor may set backend and server at lookup. */
  readonly config: () => Config;
  readonly files: Pick<Files, 'textOrNull'>;
  readonly datagrams: Datagrams;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
}

/** A name server that does not answer must not pile up samples. */
const MAX_IN_FLIGHT = 16;
const COMPLAINTS = { lines: 1, perMs: 300_000 };

const milliseconds = (ms: number): string => String(Math.round(ms * 1000) / 1000);

/** The timers of the reference, sent to statsd as they come or kept in memory. */
export function createTimers({ config, files, datagrams, clock, log }: TimerOptions): Timers {
  const complaints = boundedLog(log, clock, COMPLAINTS);
  const sums = new Map<string, Sum>();
  let inFlight = 0;
  const nameOf = async (timer: string): Promise<string> => {
    const now = config();
    const host = now.metricsPrependHost ? await files.textOrNull('/proc/sys/kernel/hostname') : null;
    return metricName(timer, now, host);
  };
  const keep = (name: string, ms: number) => {
    const { count, sum } = sums.get(name) ?? { count: 0, sum: 0 };
    sums.set(name, { count: count + 1, sum: sum + ms, type: 'timer' });
  };
  const take = async (timer: string, ms: number): Promise<void> => {
    const { metricsBackend, metricsStatsdStatsdHost: host, metricsStatsdStatsdPort: port } = config();
    const name = await nameOf(timer);
    if (metricsBackend === 'collector') return keep(name, ms);
    await datagrams.send(host, port, `${name}:${milliseconds(ms)}|ms`).catch((error: unknown) => {
      complaints.warn('metrics.statsd.failed', { host, port, reason: reasonOf(error) });
    });
  };
  return {
    collected: () => Object.fromEntries(sums),
    answered: (answer) => {
      const timer = timerOf(answer);
      if (timer === null || config().metricsBackend === 'noop' || inFlight >= MAX_IN_FLIGHT) return;
      inFlight += 1;
      void take(timer, answer.ms).finally(() => {
        inFlight -= 1;
      });
    },
  };
}
