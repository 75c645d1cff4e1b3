import { type Command, type Log, silentLog } from '../../src/core/index.ts';
import { type AgentPorts, commands, extensionNames, readNode } from '../../src/extensions/index.ts';
import type { ContainerSettings, HardwarePorts } from '../../src/hardware/index.ts';
import { agentPortsOn } from './agent-ports.ts';
import { startTestApi, type TestApi } from './api.ts';
import { createFakeClock } from './fake-clock.ts';
import { type Entries, type MemoryFiles, memoryFiles } from './memory-files.ts';
import { type RecordedCall, recordedTools } from './recorded-tools.ts';

export interface AgentApi extends TestApi {
  readonly asked: readonly string[];
  readonly ports: AgentPorts;
  readonly files: MemoryFiles;
  readonly lockdowns: () => number;
  readonly rescues: () => number;
}

export interface AgentApiOptions {
  readonly recording?: readonly RecordedCall[];
  readonly files?: Entries;
  readonly bootcDisabled?: boolean;
  /** Instead of recording and files. */
  readonly machine?: HardwarePorts;
  /** Step priorities of the configuration. */
  readonly priorities?: Readonly<Record<string, number>>;
  readonly containers?: Partial<ContainerSettings>;
  /** Managers ask the machine whether they fit; otherwise only the generic one does. */
  readonly asksManagers?: boolean;
  /** Added to the real table. */
  readonly more?: readonly Command<AgentPorts>[];
  /** Of everything below the API, whose own lines are in `logLines`. */
  readonly log?: Log;
}

/** The real command table over HTTP, on a machine of which only `recording` is known. */
export async function startAgentApi(options: AgentApiOptions = {}): Promise<AgentApi> {
  const {
    recording = [],
    files: entries = {},
    bootcDisabled = false,
    priorities = {},
    containers = {},
    asksManagers = false,
    more = [],
    log = silentLog,
  } = options;
  const tools = recordedTools(recording);
  const files = memoryFiles(entries);
  const recorded = { tools, files, clock: createFakeClock({ auto: true }), log };
  const { machine = recorded } = options;
  const choices = { bootcDisabled, priorities, containers, asksManagers };
  const { ports, lockdowns, rescues } = agentPortsOn(machine, choices);
  const { secrets, node } = ports;
  const api = await startTestApi<AgentPorts>({
    commands: [...commands, ...more],
    extensions: extensionNames,
    ports,
    secrets,
    nodeOf: (params) => readNode(params.node) ?? node.current(),
  });
  return { ...api, asked: tools.asked, ports, files, lockdowns, rescues };
}
