import type { Config, Resolved } from '../config/index.ts';
import type { DeclaredCommand, Secrets } from '../core/index.ts';
import { type AgentPorts, commands, extensionNames, readNode } from '../extensions/index.ts';
import { waitForRootDisk } from '../hardware/index.ts';
import { createTimekeeper, createTokenGate, OPERATOR, parseVersion, type TokenGate } from '../ironic/index.ts';
import {
  createNamespaces,
  type Datagrams,
  type NetProbe,
  observedHttp,
  type ProxyEnvironment,
  type RecentLines,
} from '../system/index.ts';
import { type BootContext, createSession, type MachinePorts, type ServerIdentity, type Session } from './boot/index.ts';
import { createCatalogue } from './catalogue.ts';
import { diagnosticsOf } from './diagnostics.ts';
import { createDoctor, diagnoseAll } from './doctor/index.ts';
import { createHub, type Hub } from './hub.ts';
import { logCollector } from './inspection/index.ts';
import { tellHub } from './inspection-progress.ts';
import { createJobs, type Jobs } from './jobs/index.ts';
import { createManagerSet, type ManagerSet, managers, namesAndVersions } from './managers.ts';
import { type Memory, slimNode, tellBefore } from './memory/index.ts';
import { allMetrics, createTimers, type Metrics, type MetricsPage, type Prometheus } from './metrics/index.ts';
import { createNodeRecord, createOutputRecord, createWrittenRecord } from './records/index.ts';
import { RESCUED, runAgent } from './run-agent.ts';
import { createSettingsStore, liveSettings, logSettings, type SettingsStore } from './settings/index.ts';

/** What the HTTP face needs to serve. */
export interface Serving {
  readonly config: Config;
  readonly jobs: Jobs;
  readonly hub: Hub;
  readonly gate: TokenGate;
  /** What may be posted. */
  readonly commands: readonly DeclaredCommand[];
  readonly identity: ServerIdentity | null;
  readonly metrics: Metrics;
  /** Null unless enabled. */
  readonly metricsPage: MetricsPage | null;
  readonly recentLog: RecentLines;
}

export interface AgentOptions {
  readonly resolved: Resolved;
  readonly ports: MachinePorts;
  /** For the self-diagnosis. */
  readonly net: NetProbe;
  readonly secrets: Secrets;
  readonly version: string;
  /** Of the runtime directory. */
  readonly memory: Memory;
  /** Boot NIC as the kernel line names it, verbatim. */
  readonly bootif: string | null;
  /** Of the environment. */
  readonly proxies: ProxyEnvironment;
  readonly datagrams: Datagrams;
  /** What the log of `ports` has written. */
  readonly recentLog: RecentLines;
  /** Null: no page of measurements is wanted. */
  readonly prometheus: Prometheus | null;
  /** Gives back memory that is not used any more. */
  readonly relieve: () => void;
  readonly listen: (serving: Serving) => Promise<{ close(): Promise<void> }>;
}

export interface Agent {
  readonly hub: Hub;
  /** Runs until `signal` aborts; a locked, rescued or token-less agent idles so that nothing restarts it. */
  run(signal: AbortSignal): Promise<void>;
}

/** Who may speak, as strictly as before a restart. */
function gateOf({ resolved, memory }: AgentOptions, settings: SettingsStore, session: Session): TokenGate {
  const tokens = createTokenGate({
    token: settings.token,
    policy: resolved.config.getTokenPolicy,
    apiVersion: session.apiVersion,
    seenOnGet: memory.before.facts.tokenOnGet,
    onSeen: () => void memory.keepFacts({ tokenOnGet: true }),
  });
  return listeningGate(tokens, session);
}

/** Every authorised request of a conductor tells that it has heard of the last command. */
function listeningGate(gate: TokenGate, session: Session): TokenGate {
  return {
    allows: (method, offered) => {
      const allowed = gate.allows(method, offered);
      if (allowed && method !== OPERATOR) session.heartbeat()?.conductorSpoke();
      return allowed;
    },
  };
}

function nodeRecordOf({ ports, memory, secrets }: AgentOptions, store: SettingsStore, hub: Hub, session: Session) {
  return createNodeRecord({
    first: readNode(memory.before.facts.node),
    keep: (node) => void memory.keepFacts({ node: slimNode(node, secrets.values()) }),
    log: ports.log,
    onChange: (node) => hub.learn({ nodeUuid: node.uuid ?? null }),
    waitForRootDisk: async (node, signal) => {
      const config = store.config();
      const wait = { attempts: config.diskWaitAttempts, delayMs: config.diskWaitDelay * 1000 };
      await waitForRootDisk(ports, node, { ...wait, parity: config.defaultRootDiskParity }, signal);
    },
    lookUpAgain: session.lookUpAgain,
  });
}

/** Parts of the agent that commands reach through their ports. */
interface Parts extends Pick<AgentPorts, 'node' | 'outputs' | 'diagnostics'> {
  readonly store: SettingsStore;
  readonly lock: AbortController;
  readonly managerSet: ManagerSet<AgentPorts>;
}

function agentPorts(
  { ports, secrets, bootif, proxies, memory }: AgentOptions,
  { store, node, outputs, lock, diagnostics, managerSet }: Parts,
): AgentPorts {
  return {
    hardware: ports,
    image: { ...ports, namespaces: createNamespaces(ports.log) },
    settings: liveSettings(store, { bootif, proxies }, () => node.current()?.skip_bmc_detect === true),
    secrets,
    node,
    written: createWrittenRecord(memory.before.facts.written, (written) => void memory.keepFacts({ written })),
    outputs,
    catalogue: createCatalogue(managerSet, () => ({ inject_files: store.config().injectFilesPriority })),
    control: {
      // Safe before the answer: the history, which the answer waits for, is written after it.
      lockdown: () => {
        void memory.keepEnd({ kind: 'locked', why: 'system.lockdown was asked for' });
        lock.abort();
      },
      rescued: () => {
        void memory.keepEnd({ kind: 'rescued', why: 'rescue.finalize_rescue was asked for' });
        lock.abort(RESCUED);
      },
    },
    diagnostics,
  };
}

/** The boot's view of the agent, and how to close what it opened. */
function bootContext(
  { ports, secrets, bootif, listen, memory }: AgentOptions,
  serving: Omit<Serving, 'config' | 'commands' | 'identity'> & {
    readonly settings: SettingsStore;
    readonly nodes: AgentPorts['node'];
    readonly written: AgentPorts['written'];
    readonly lock: AbortSignal;
    readonly diagnostics: AgentPorts['diagnostics'];
    readonly managerSet: ManagerSet<AgentPorts>;
  },
): { readonly context: BootContext; readonly closeApi: () => Promise<void> } {
  const { settings, nodes, written, lock, diagnostics, managerSet, ...served } = serving;
  let api: { close(): Promise<void> } | null = null;
  const context: BootContext = {
    ports,
    settings,
    secrets,
    nodes,
    lock,
    memory,
    forgetWork: () => {
      written.remember(null);
      return served.jobs.forgetBefore();
    },
    bootif,
    managers: (signal) => namesAndVersions(managerSet, signal),
    startManagers: managerSet.start,
    serve: async (identity) => {
      api ??= await listen({ ...served, commands, config: settings.config(), identity });
    },
    tell: tellHub(served.hub),
    collectLogs: logCollector(ports, secrets, () => ({
      logPaths: logSettings(settings.config()).kept,
      extra: diagnostics(),
    })),
  };
  return { context, closeApi: async () => api?.close() };
}

/** Less than this no two machines agree. */
const LEAST_TOLERANCE_MS = 60_000;

/** The ports with a client that is measured and keeps the clock within what certificates stand (protocol.md 1.5, 6.2). */
function withTimekeeper({ ports, prometheus, resolved: { config } }: AgentOptions): MachinePorts {
  const toleranceMs = Math.max(LEAST_TOLERANCE_MS, config.autoTlsAllowedClockSkew * 1000);
  const http = prometheus === null ? ports.http : observedHttp(ports.http, ports.clock, prometheus.exchanged);
  return {
    ...ports,
    http: createTimekeeper({ ...ports, http }, { enabled: config.clockFromConductor, toleranceMs }),
  };
}

/** The timers of the reference, and the page where it is wanted. */
function measuring({ ports, datagrams, prometheus }: AgentOptions, settings: SettingsStore) {
  const { files, clock, log } = ports;
  const timers = createTimers({ config: settings.config, files, datagrams, clock, log });
  return { timers, metrics: allMetrics([timers, prometheus ?? {}]) };
}

/** Its own client, without the timekeeper: a look at the way changes nothing. */
const doctorOf = ({ ports, net }: AgentOptions, settings: SettingsStore, hub: Hub) =>
  createDoctor({
    ports,
    hub,
    examine: (exchange, signal) => {
      const [config, local] = [settings.config(), settings.local()];
      return diagnoseAll({ ...ports, net }, { config, local }, exchange, signal);
    },
  });

/** The answer to whoever waits for the end of a command. */
const ANSWERED_MS = 1000;

/** A command's parameters, a config drive among them, are of no more use when it has ended and was answered. */
async function relieveSoon({ ports: { clock }, relieve }: AgentOptions): Promise<void> {
  await clock.sleep(ANSWERED_MS);
  relieve();
}

/** Builds the agent from its ports; nothing happens before `run`. */
export function createAgent(given: AgentOptions): Agent {
  const { secrets, resolved, version, memory } = given;
  const { clock, log } = given.ports;
  const hub = createHub({ version, clock });
  tellBefore(memory.before, given.ports, hub);
  const settings = createSettingsStore(resolved, log, secrets, memory.before.token);
  const doctor = doctorOf(given, settings, hub);
  const ports: MachinePorts = { ...withTimekeeper(given), talk: doctor };
  const options = { ...given, ports };
  const { timers, metrics } = measuring(options, settings);
  const session = createSession(ports, settings, parseVersion(memory.before.facts.lookup?.apiVersion ?? null));
  const nodes = nodeRecordOf(options, settings, hub, session);
  const lock = new AbortController();
  const managerSet = createManagerSet(managers, ports);
  const outputs = createOutputRecord();
  const diagnostics = () => diagnosticsOf({ hub, jobs, settings, timers, outputs });
  const work = agentPorts(options, { store: settings, node: nodes, outputs, lock, diagnostics, managerSet });
  const jobs: Jobs = createJobs<AgentPorts>({
    commands,
    extensions: extensionNames,
    ports: work,
    nodeOf: (params) => readNode(params.node) ?? nodes.current(),
    hub,
    metrics,
    log,
    clock,
    secrets,
    onFinished: () => {
      session.heartbeat()?.force();
      void relieveSoon(given);
    },
    before: memory.before.commands,
    save: memory.keepCommands,
  });
  const gate = gateOf(options, settings, session);
  const served = { jobs, hub, gate, metrics, metricsPage: options.prometheus, recentLog: options.recentLog };
  const kept = { settings, nodes, written: work.written, diagnostics, managerSet, lock: lock.signal };
  const { context, closeApi } = bootContext(options, { ...served, ...kept });
  const parts = { ports, version, hub, session, context, lock: lock.signal, closeApi, stopJobs: jobs.close };
  return { hub, run: (signal) => runAgent(parts, signal).finally(() => doctor.close()) };
}
