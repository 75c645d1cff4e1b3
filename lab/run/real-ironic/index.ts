import { randomUUID } from 'node:crypto';
import { waitFor } from '../../host/index.ts';
import { makeConfigDrive } from '../../images/index.ts';
import type { IronicNode } from '../../ironic/index.ts';
import type { LabSpec } from '../../scenario/index.ts';
import type { Run } from '../ports.ts';
import { killAgent } from '../restart.ts';
import type { Bench } from '../server.ts';
import { watching } from '../watch.ts';
import { enrol, setImage } from './enrol.ts';
import { proveRescue } from './rescue.ts';
import { type Services, startServices } from './services.ts';
import { show } from './show.ts';

/** One node of a real Ironic, after its first procedures. */
export interface RealNode {
  /** Boots the rescue ramdisk, logs in, and boots the system from the disk again. */
  rescueAndReturn(signal: AbortSignal): Promise<void>;
}

interface Work extends Services {
  readonly bench: Bench;
  readonly spec: LabSpec;
  readonly run: Run;
  readonly uuid: string;
}

function reach({ ironic, bench, spec, run, uuid }: Work, state: string, signal: AbortSignal): Promise<IronicNode> {
  const wait = { state, timeoutMs: 2 * spec.bootTimeoutMs, onLook: (node: IronicNode) => show(node, run) };
  return watching(ironic.reach(uuid, wait, signal), [bench.served], run.ports);
}

/** The inspector is done before the agent has found its node: only after its first heartbeat can it be used. */
async function agentPresent({ ironic, run, spec, uuid }: Work, signal: AbortSignal): Promise<void> {
  run.ports.timeline.stage('agent', 'Wait for the agent to report to Ironic');
  const look = async () => {
    const node = await ironic.node(uuid);
    show(node, run);
    return typeof node.driver_internal_info.agent_url === 'string' ? true : null;
  };
  const wait = { what: 'first heartbeat of the agent', timeoutMs: spec.bootTimeoutMs, everyMs: 1_000 };
  await waitFor(look, wait, signal);
}

/** Inspection by the inspector, whose hooks then change node and ports. */
async function inspect(work: Work, signal: AbortSignal): Promise<void> {
  const { ironic, inspector, run, uuid } = work;
  if (inspector === null) return;
  await ironic.provision(uuid, 'inspect');
  await reach(work, 'inspect wait', signal);
  const { properties } = await reach(work, 'manageable', signal);
  run.found.inventory = await inspector.data(uuid);
  if (work.spec.fastTrack) await agentPresent(work, signal);
  run.found.node = { properties, ports: [...(await ironic.ports(uuid))] };
}

async function deploy(work: Work, signal: AbortSignal): Promise<void> {
  const { ironic, bench, spec, uuid } = work;
  await setImage(ironic, uuid, bench, spec);
  const configdrive = await makeConfigDrive(spec.instance, signal);
  await ironic.provision(uuid, 'active', { configdrive });
  await reach(work, 'active', signal);
}

async function rescueAndReturn(work: Work, signal: AbortSignal): Promise<void> {
  const { ironic, bench, run, uuid } = work;
  const password = randomUUID();
  await ironic.provision(uuid, 'rescue', { rescue_password: password });
  await reach(work, 'rescue', signal);
  run.ports.timeline.stage('rescue-login', 'Log in to the rescued server');
  run.found.rescued = await proveRescue(bench, password, signal);
  await ironic.provision(uuid, 'unrescue');
  await reach(work, 'active', signal);
}

/**
 * Enrol, manage, inspect, clean and deploy under a real Ironic. What was learned stays in `run`, also when it fails.
 */
export async function runRealIronic(bench: Bench, spec: LabSpec, run: Run, signal: AbortSignal): Promise<RealNode> {
  const services = await startServices(bench, spec, run, signal);
  const work: Work = { ...services, bench, spec, run, uuid: await enrol(services.ironic, bench, spec) };
  const { ironic, uuid } = work;
  const node = { rescueAndReturn: (stop: AbortSignal) => rescueAndReturn(work, stop) };
  run.ports.timeline.stage('manage', 'Ironic: enrol and manage');
  await ironic.provision(uuid, 'manage');
  await reach(work, 'manageable', signal);
  await inspect(work, signal);
  if (spec.until === 'inspect') return node;
  await ironic.provision(uuid, 'provide');
  await reach(work, 'available', signal);
  if (spec.until === 'clean') return node;
  if (spec.killAgent) {
    run.ports.timeline.stage('kill', 'Kill the agent, wait for its restart');
    run.found.restarted = await killAgent(bench.machine, signal);
  }
  await deploy(work, signal);
  return node;
}
