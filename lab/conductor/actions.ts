import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { type Clock, fits, type Log, parse, reasonOf } from '../../src/core/index.ts';
import type { AgentClient } from './agent-client.ts';
import {
  agentStep,
  deployNode,
  fullNode,
  isPartitionImage,
  portsOf,
  ramdiskArguments,
  writeImageStep,
} from './documents.ts';
import { AgentApiFailed, AgentBusy } from './errors.ts';
import { errorText } from './judge.ts';
import { type Action, type CommandEntry, type Event, type Kind, ListedStep, type PlannedStep } from './states.ts';
import { type NodeRecord, noAgent } from './store.ts';

/** The server's power and boot choice, as a BMC offers them. */
export interface PowerControl {
  state(): Promise<'on' | 'off'>;
  /** Cuts the power at once; nothing happens when it is off. */
  off(): Promise<void>;
  /** Powers on into the ramdisk with these kernel arguments. */
  bootRamdisk(kernelArguments: string): Promise<void>;
  /** Powers on from the disk; a server that is on is reset. */
  bootDisk(): Promise<void>;
}

export interface ActionPorts {
  readonly power: PowerControl;
  readonly agent: (node: NodeRecord) => AgentClient;
  readonly node: () => NodeRecord;
  readonly change: (change: (node: NodeRecord) => NodeRecord) => void;
  /** Keeps one system log archive (gzipped tar). */
  readonly saveLogs: (archive: Uint8Array, label: string) => Promise<void>;
  /** `disable_power_off` of the node: its agent is locked instead of powered off, then the server is reset. */
  readonly disablePowerOff: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly boot: Omit<Parameters<typeof ramdiskArguments>[0], 'purpose' | 'requestId'>;
}

/** Ironic looks seven times, five seconds apart, before it cuts the power (protocol.md 8.2). */
const POWER_LOOKS = { times: 7, everyMs: 5_000 };

/** A locked agent does not answer at all: a look must not take a minute. */
const LOOK_MS = 10_000;

const StepsAnswer = (kind: Kind) =>
  Type.Object({
    [`${kind}_steps`]: Type.Record(Type.String(), Type.Array(ListedStep)),
    hardware_manager_version: Type.Record(Type.String(), Type.Unknown()),
  });
const StepLists = Type.Record(Type.String(), Type.Array(ListedStep));
const Uuids = Type.Record(Type.String(), Type.Unknown());
const LogsAnswer = Type.Object({ system_logs: Type.String() });
const StepOutcome = Type.Object({ deploy_result: Type.Unknown() });

function succeeded(entry: CommandEntry, what: string): unknown {
  if (entry.command_status !== 'SUCCEEDED')
    throw AgentApiFailed(`${what}: ${entry.command_status}: ${errorText(entry.command_error)}`);
  return entry.command_result;
}

async function getSteps(kind: Kind, ports: ActionPorts, signal: AbortSignal): Promise<Event> {
  const node = ports.node();
  const params = { node: fullNode(node), ports: portsOf(node) };
  const entry = await ports.agent(node).command(`${kind}.get_${kind}_steps`, params, 'wait', signal);
  const answer = parse(StepsAnswer(kind), succeeded(entry, `get_${kind}_steps`), `answer of get_${kind}_steps`);
  const lists = parse(StepLists, answer[`${kind}_steps`], `${kind}_steps`);
  ports.change((n) => ({
    ...n,
    driver_internal_info: {
      ...n.driver_internal_info,
      hardware_manager_version: answer.hardware_manager_version,
      [`agent_cached_${kind}_steps`]: lists,
    },
  }));
  return { type: 'steps', kind, steps: Object.values(lists).flat() };
}

async function executeStep(kind: Kind, step: PlannedStep, ports: ActionPorts, signal: AbortSignal): Promise<void> {
  const node = ports.node();
  const params = {
    step: step.step === 'write_image' ? writeImageStep(node) : agentStep(step),
    node: kind === 'deploy' ? deployNode(node) : fullNode(node),
    ports: portsOf(node),
    [`${kind}_version`]: node.driver_internal_info.hardware_manager_version ?? null,
  };
  await ports.agent(node).command(`${kind}.execute_${kind}_step`, params, 'start', signal);
}

async function readCommands(ports: ActionPorts, signal: AbortSignal): Promise<Event> {
  const commands = await ports.agent(ports.node()).commands(signal);
  const result = commands.at(-1)?.command_result;
  if (fits(StepOutcome, result))
    ports.change((n) => ({
      ...n,
      driver_internal_info: { ...n.driver_internal_info, deploy_result: result.deploy_result },
    }));
  return { type: 'commands', commands };
}

/** A whole-disk image brings its own boot loader; only UEFI firmware must be told about it. A partition image always
 * needs one (imaging.md 1.1). */
async function prepareBoot(ports: ActionPorts, signal: AbortSignal): Promise<Event> {
  const node = ports.node();
  const agent = ports.agent(node);
  const entry = await agent.command('standby.get_partition_uuids', {}, 'wait', signal);
  const uuids = fits(Uuids, entry.command_result) ? entry.command_result : {};
  const partitioned = isPartitionImage(node);
  if (node.firmware === 'bios' && !partitioned) return { type: 'done' };
  const params = {
    root_uuid: uuids['root uuid'] ?? null,
    efi_system_part_uuid: partitioned ? (uuids['efi system partition uuid'] ?? null) : null,
    prep_boot_part_uuid: null,
  };
  const install = (more: Readonly<Record<string, string>>) =>
    agent.command('image.install_bootloader', { ...params, ...more }, 'poll', signal);
  const result = await install({ target_boot_mode: node.firmware }).catch((error: unknown) => {
    if (AgentApiFailed.is(error)) return install({});
    throw error;
  });
  succeeded(result, 'image.install_bootloader');
  return { type: 'done' };
}

/** Log collection never fails a procedure. */
async function collectLogs(ports: ActionPorts, signal: AbortSignal): Promise<void> {
  const node = ports.node();
  if (node.agent.url === null) return;
  try {
    const entry = await ports.agent(node).command('log.collect_system_logs', {}, 'wait', signal);
    const { system_logs } = parse(LogsAnswer, succeeded(entry, 'log.collect_system_logs'), 'system logs');
    await ports.saveLogs(Buffer.from(system_logs, 'base64'), node.situation.provision.replaceAll(' ', '-'));
  } catch (error) {
    if (signal.aborted) throw error;
    ports.log.warn('conductor.logs.failed', { node: node.uuid, reason: reasonOf(error) });
  }
}

async function powerOffAgent(ports: ActionPorts, signal: AbortSignal): Promise<Event> {
  const node = ports.node();
  await ports
    .agent(node)
    .command('standby.power_off', {}, 'start', signal)
    .catch((error: unknown) => ports.log.warn('conductor.power_off.refused', { reason: reasonOf(error) }));
  for (let look = 0; look < POWER_LOOKS.times; look += 1) {
    if ((await ports.power.state()) === 'off') break;
    await ports.clock.sleep(POWER_LOOKS.everyMs, signal);
  }
  if ((await ports.power.state()) === 'on') {
    ports.log.warn('conductor.power_off.forced', { node: node.uuid });
    await ports.power.off();
  }
  ports.change((n) => ({ ...n, agent: noAgent }));
  return { type: 'done' };
}

/** The conductor looks as often for the end of the answers (protocol.md 8.1). */
async function lockAgent(ports: ActionPorts, signal: AbortSignal): Promise<Event> {
  const agent = ports.agent(ports.node());
  succeeded(await agent.command('standby.sync', {}, 'wait', signal), 'standby.sync');
  succeeded(await agent.command('system.lockdown', {}, 'start', signal), 'system.lockdown');
  for (let look = 0; look < POWER_LOOKS.times; look += 1) {
    const answers = await agent.commands(AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)])).then(
      () => true,
      () => false,
    );
    signal.throwIfAborted();
    if (!answers) {
      ports.change((n) => ({ ...n, agent: noAgent }));
      return { type: 'done' };
    }
    await ports.clock.sleep(POWER_LOOKS.everyMs, signal);
  }
  throw AgentApiFailed('system.lockdown: the agent still answers');
}

async function act(action: Action, ports: ActionPorts, signal: AbortSignal): Promise<Event | null> {
  if (action.do === 'get-steps') return getSteps(action.kind, ports, signal);
  if (action.do === 'read-commands') return readCommands(ports, signal);
  if (action.do === 'prepare-boot') return prepareBoot(ports, signal);
  if (action.do === 'power-off-agent') return (ports.disablePowerOff ? lockAgent : powerOffAgent)(ports, signal);
  if (action.do === 'execute-step') await executeStep(action.kind, action.step, ports, signal);
  if (action.do === 'collect-logs') await collectLogs(ports, signal);
  if (action.do === 'power-off') await ports.power.off();
  if (action.do === 'forget-agent') ports.change((n) => ({ ...n, agent: noAgent }));
  if (action.do === 'boot-ramdisk') {
    const line = { ...ports.boot, purpose: action.purpose, requestId: randomUUID() };
    await ports.power.bootRamdisk(ramdiskArguments(line));
  }
  if (action.do !== 'boot-disk') return null;
  await ports.power.bootDisk();
  return { type: 'done' };
}

/** Performs one action; the event it leads to, or null when the conductor now waits. */
export async function perform(action: Action, ports: ActionPorts, signal: AbortSignal): Promise<Event | null> {
  try {
    return await act(action, ports, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    if (AgentBusy.is(error)) return { type: 'busy' };
    return { type: 'failed', reason: reasonOf(error) };
  }
}
