import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, formatDuration, type Log } from '../../src/core/index.ts';
import type { Timeline } from '../timeline/index.ts';
import { type ActionPorts, type PowerControl, perform } from './actions.ts';
import { type AgentAddress, type AgentLimits, createAgentClient, ironicLimits } from './agent-client.ts';
import type { Desk } from './api/desk.ts';
import { createApi } from './api/server.ts';
import { addressOf } from './documents.ts';
import { AgentUnreachable, NodeUnknown, ProcedureFailed } from './errors.ts';
import { mayAsk, procedureOf } from './machine.ts';
import type { Goal } from './states.ts';
import { createStore, type Enrolment, type NodeRecord, newNode, type Store } from './store.ts';
import { createWorker, type Worker } from './worker.ts';

export interface ConductorSettings {
  /** Database and log archives go here. */
  readonly directory: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Minor number of the newest API version offered: 82 is 2023.1, 96 is 2025.1. */
  readonly apiVersion: number;
  readonly heartbeatTimeoutS: number;
  readonly fastTrack: boolean;
  /** Nodes have `disable_power_off`, as Ironic knows it since 2025.1. */
  readonly disablePowerOff: boolean;
  readonly cleanPriorities: Readonly<Record<string, number>>;
  readonly collectors: readonly string[];
  readonly kernelArguments: string;
  /** A procedure fails when no heartbeat was acted upon for this long; Ironic's default is 30 minutes. */
  readonly callbackTimeoutMs: number;
  readonly limits?: AgentLimits;
}

export interface ConductorPorts {
  readonly power: (node: NodeRecord) => PowerControl;
  readonly timeline: Timeline;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Conductor {
  /** What agents are told as `ipa-api-url`. */
  readonly apiUrl: string;
  enrol(node: Enrolment): void;
  node(uuid: string): NodeRecord;
  /** Where the running agent of a node answers; null before its first heartbeat. */
  agent(uuid: string): AgentAddress | null;
  /** Runs one procedure to its end. @throws ProcedureFailed with the node's last error */
  run(uuid: string, goal: Goal, signal: AbortSignal): Promise<NodeRecord>;
  stop(): Promise<void>;
}

/** API versions from which Ironic insists on TLS (26.0) and sends the token on GET (29.0). */
const REQUIRE_TLS_SINCE = 95;
const TOKEN_ON_GET_SINCE = 96;
const AGENT_ALIVE_MS = 300_000;

interface Office {
  readonly settings: ConductorSettings;
  readonly ports: ConductorPorts;
  readonly store: Store;
  readonly apiUrl: () => string;
  readonly signal: AbortSignal;
}

function nodeIn(store: Store, uuid: string): NodeRecord {
  const node = store.byUuid(uuid);
  if (node === null) throw NodeUnknown(`no node ${uuid}`);
  return node;
}

const changer = (store: Store) => (uuid: string, change: (node: NodeRecord) => NodeRecord) => {
  const changed = change(nodeIn(store, uuid));
  store.save(changed);
  return changed;
};

function actionPorts({ settings, ports, store, apiUrl }: Office, uuid: string): ActionPorts {
  const change = changer(store);
  const inspectPath = settings.apiVersion >= 84 ? 'continue_inspection' : 'continue';
  return {
    power: ports.power(nodeIn(store, uuid)),
    agent: (node) => {
      const address = addressOf(node);
      if (address === null) throw AgentUnreachable(`node ${node.name} has no agent yet`);
      const limits = settings.limits ?? ironicLimits;
      const tokenOnGet = settings.apiVersion >= TOKEN_ON_GET_SINCE;
      return createAgentClient({ address, limits, tokenOnGet, clock: ports.clock, log: ports.log });
    },
    node: () => nodeIn(store, uuid),
    change: (with_) => void change(uuid, with_),
    saveLogs: async (archive, label) => {
      const stamp = new Date(ports.clock.now()).toISOString().replaceAll(':', '-').slice(0, 19);
      const directory = join(settings.directory, 'agent-logs');
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, `${uuid}_${label}_${stamp}.tar.gz`), archive);
    },
    disablePowerOff: settings.disablePowerOff,
    clock: ports.clock,
    log: ports.log,
    boot: {
      apiUrl: apiUrl(),
      inspectionUrl: `${apiUrl()}/v1/${inspectPath}`,
      collectors: settings.collectors,
      fastTrack: settings.fastTrack,
      extra: settings.kernelArguments,
    },
  };
}

function workerFor(office: Office, uuid: string): Worker {
  const { settings, ports, store, signal } = office;
  const acting = actionPorts(office, uuid);
  const change = changer(store);
  return createWorker({
    situation: () => nodeIn(store, uuid).situation,
    save: (situation) => void change(uuid, (n) => ({ ...n, situation })),
    perform: (action) => perform(action, acting, signal),
    policy: settings,
    timeline: ports.timeline,
    log: ports.log,
  });
}

/** Waits for the end of a procedure, and fails it when the agent stays silent for too long. */
async function untilSettled(office: Office, worker: Worker, uuid: string, signal: AbortSignal): Promise<NodeRecord> {
  const { clock } = office.ports;
  const limitMs = office.settings.callbackTimeoutMs;
  let touched = clock.monotonic();
  let seen: number | null = null;
  for (;;) {
    const node = nodeIn(office.store, uuid);
    if (worker.locked() || node.agent.lastHeartbeatMs !== seen) {
      touched = clock.monotonic();
      seen = node.agent.lastHeartbeatMs;
    }
    if (!worker.locked() && procedureOf(node.situation.provision) === null) return node;
    if (clock.monotonic() - touched > limitMs)
      worker.handle({ type: 'failed', reason: `no sign of the agent for ${formatDuration(limitMs)}` });
    await clock.sleep(200, signal);
  }
}

function createDesk(office: Office, workers: Map<string, Worker>): Desk {
  const { settings, ports, store } = office;
  const tell = (uuid: string, type: 'heartbeat' | 'inspected') => {
    if (workers.get(uuid)?.handle({ type }) !== true) ports.log.debug('conductor.event.dropped', { uuid, type });
  };
  return {
    store,
    change: changer(store),
    locked: (uuid) => workers.get(uuid)?.locked() ?? false,
    heartbeat: (uuid) => tell(uuid, 'heartbeat'),
    inspected: (uuid) => tell(uuid, 'inspected'),
    note: ports.timeline.note,
    now: ports.clock.now,
    settings: {
      maxVersion: settings.apiVersion,
      heartbeatTimeout: settings.heartbeatTimeoutS,
      requireTls: settings.apiVersion >= REQUIRE_TLS_SINCE,
      fastTrack: settings.fastTrack,
    },
  };
}

/** Starts the embedded conductor: an API for agents, and one worker per node that acts as Ironic would. */
export async function startConductor(settings: ConductorSettings, ports: ConductorPorts): Promise<Conductor> {
  await mkdir(settings.directory, { recursive: true });
  const store = createStore(join(settings.directory, 'conductor.sqlite'));
  const stopping = new AbortController();
  const workers = new Map<string, Worker>();
  const place = { url: '' };
  const office: Office = { settings, ports, store, apiUrl: () => place.url, signal: stopping.signal };
  const app = createApi(createDesk(office, workers), ports.log);
  place.url = await app.listen({ host: settings.host, port: settings.port });
  return {
    apiUrl: place.url,
    enrol: (enrolment) => {
      store.save(newNode(enrolment));
      workers.set(enrolment.uuid, workerFor(office, enrolment.uuid));
    },
    node: (uuid) => nodeIn(store, uuid),
    agent: (uuid) => addressOf(nodeIn(store, uuid)),
    run: async (uuid, goal, signal) => {
      const node = nodeIn(store, uuid);
      const worker = workers.get(uuid);
      if (worker === undefined || !mayAsk(node.situation, goal))
        throw ProcedureFailed(`${goal} is not allowed in state ${node.situation.provision}`);
      const heard = node.agent.lastHeartbeatMs;
      const agentAlive = settings.fastTrack && heard !== null && ports.clock.now() - heard < AGENT_ALIVE_MS;
      await worker.idle();
      worker.handle({ type: 'ask', goal, agentAlive });
      const settled = await untilSettled(office, worker, uuid, AbortSignal.any([signal, stopping.signal]));
      if (settled.situation.error !== null) throw ProcedureFailed(settled.situation.error);
      return settled;
    },
    stop: async () => {
      stopping.abort(new Error('the conductor stops'));
      await app.close();
      await Promise.all([...workers.values()].map((worker) => worker.idle()));
      store.close();
    },
  };
}
