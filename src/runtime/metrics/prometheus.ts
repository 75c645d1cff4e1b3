import type { Counter, Gauge, Histogram } from 'prom-client';
import type { Clock, Progress } from '../../core/index.ts';
import { type Exchange, ownUsage } from '../../system/index.ts';
import type { HubSnapshot } from '../hub.ts';
import { callOf, outcomeOf } from './calls.ts';
import type { Metrics, MetricsPage } from './metrics.ts';

export interface Prometheus extends Metrics, MetricsPage {
  exchanged(exchange: Exchange): void;
}

export interface PrometheusOptions {
  readonly version: string;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

const SECOND = 1000;
const COMMAND_BUCKETS = [0.1, 1, 10, 60, 300, 1800, 7200, 43_200];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']);

/** Everything is declared here, by the one module that knows the library; it is loaded only where the page is wanted. */
async function instruments() {
  const client = await import('prom-client');
  const registry = new client.Registry();
  const registers = [registry];
  const of = (name: string, help: string) => ({ name: `ironic_agent_${name}`, help, registers });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
    new client.Counter<L>({ ...of(name, help), labelNames: [...labelNames] });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
    new client.Gauge<L>({ ...of(name, help), labelNames: [...labelNames] });
  const plain = (name: string, help: string) => new client.Gauge({ name, help, registers });
  const commands: Histogram<'command' | 'status'> = new client.Histogram({
    ...of('command_duration_seconds', 'Ended commands by name and status.'),
    labelNames: ['command', 'status'],
    buckets: COMMAND_BUCKETS,
  });
  return {
    registry,
    commands,
    requests: counter('api_requests_total', 'Answered requests to the agent.', ['route', 'method', 'status']),
    calls: counter('conductor_requests_total', 'Requests of the agent to its conductor.', ['call', 'outcome']),
    info: gauge('build_info', 'Version of the agent.', ['version']),
    state: gauge('state', '1 for the state that the agent is in.', ['state']),
    stateAge: gauge('state_seconds', 'For how long that state has lasted.'),
    running: gauge('running_command_seconds', 'For how long a command has been running; absent without one.', [
      'command',
    ]),
    done: gauge('progress_done', 'How far the running command is, in bytes or items.', ['phase', 'unit']),
    total: gauge('progress_total', 'All that its phase has to do, where that is known.', ['phase', 'unit']),
    beatAge: gauge('heartbeat_age_seconds', 'Since the last accepted heartbeat; NaN before the first.'),
    memory: plain('process_resident_memory_bytes', 'Resident memory of the agent.'),
    cpu: new client.Counter({
      name: 'process_cpu_seconds_total',
      help: 'User and system time of the agent.',
      registers,
    }),
    started: plain('process_start_time_seconds', 'Start of the agent, seconds since the epoch.'),
  };
}

type Instruments = Awaited<ReturnType<typeof instruments>>;

function showProgress({ done, total }: Instruments, progress: Progress | null): void {
  if (progress === null) return;
  const { phase, unit } = progress;
  done.set({ phase, unit }, progress.done);
  if (progress.total !== null) total.set({ phase, unit }, progress.total);
}

/** What is looked up rather than counted; labels of what is over disappear. */
function showNow(all: Instruments, now: HubSnapshot, at: number): void {
  for (const gauge of [all.state, all.running, all.done, all.total]) gauge.reset();
  all.state.set({ state: now.state }, 1);
  all.stateAge.set(Math.max(0, at - now.since) / SECOND);
  all.started.set(now.startedAt / SECOND);
  const { command } = now;
  if (command !== null) all.running.set({ command: command.name }, Math.max(0, at - command.since) / SECOND);
  showProgress(all, command?.progress ?? null);
  const { residentBytes, cpuSeconds } = ownUsage();
  all.memory.set(residentBytes);
  all.cpu.reset();
  all.cpu.inc(cpuSeconds);
}

/** Counts from now on. Every label is a word of ours, so that nobody outside can make new series. */
export async function createPrometheus({ version, clock }: PrometheusOptions): Promise<Prometheus> {
  const all = await instruments();
  all.info.set({ version }, 1);
  let beatAt = Number.NaN;
  return {
    contentType: all.registry.contentType,
    answered: ({ route, method, status }) =>
      all.requests.inc({
        route: route ?? 'none',
        method: METHODS.has(method) ? method : 'other',
        status: String(status),
      }),
    ended: ({ name, status, ms }) => all.commands.observe({ command: name, status }, ms / SECOND),
    exchanged: (exchange) => {
      const call = callOf(exchange);
      const outcome = outcomeOf(exchange);
      all.calls.inc({ call, outcome });
      if (call === 'heartbeat' && outcome === 'accepted') beatAt = clock.monotonic();
    },
    text: async (now) => {
      showNow(all, now, clock.now());
      all.beatAge.set((clock.monotonic() - beatAt) / SECOND);
      return all.registry.metrics();
    },
  };
}
