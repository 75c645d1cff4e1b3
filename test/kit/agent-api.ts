import { type Command, createSecrets, type Log, silentLog } from '../../src/core/index.ts';
import { type AgentPorts, commands, extensionNames, genericSteps, readNode } from '../../src/extensions/index.ts';
import { genericManager } from '../../src/hardware/index.ts';
import { createCatalogue } from '../../src/runtime/catalogue.ts';
import { createNodeRecord, createWrittenRecord } from '../../src/runtime/records/index.ts';
import { startTestApi, type TestApi } from './api.ts';
import { createFakeClock } from './fake-clock.ts';
import { testSettings } from './image-ports.ts';
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
  /** Added to the real table. */
  readonly more?: readonly Command<AgentPorts>[];
  /** Of everything below the API, whose own lines are in `logLines`. */
  readonly log?: Log;
}

/** The real command table over HTTP, on a machine of which only `recording` is known. */
export async function startAgentApi(options: AgentApiOptions = {}): Promise<AgentApi> {
  const { recording = [], files: entries = {}, bootcDisabled = false, more = [], log = silentLog } = options;
  const tools = recordedTools(recording);
  const files = memoryFiles(entries);
  const machine = { tools, files, clock: createFakeClock({ auto: true }), log };
  const secrets = createSecrets();
  let lockdowns = 0;
  let rescues = 0;
  const node = createNodeRecord({
    log: silentLog,
    onChange: () => undefined,
    waitForRootDisk: async () => undefined,
    lookUpAgain: async () => null,
  });
  const ports: AgentPorts = {
    hardware: machine,
    image: machine,
    settings: {
      image: testSettings,
      rootDiskParity: false,
      guardSpecialFilesystems: true,
      busyDisk: { waitMs: 1, retries: 1 },
      ignoreBootloaderFailure: false,
      bootcDisabled,
      bootif: null,
      skipBmc: true,
      ntpServer: null,
      maxJournalBytes: 1000,
      logPaths: [],
    },
    secrets,
    node,
    written: createWrittenRecord(),
    catalogue: createCatalogue([{ ...genericManager, steps: genericSteps }]),
    diagnostics: () => [],
    control: {
      lockdown: () => {
        lockdowns += 1;
      },
      rescued: () => {
        rescues += 1;
      },
    },
  };
  const api = await startTestApi<AgentPorts>({
    commands: [...commands, ...more],
    extensions: extensionNames,
    ports,
    secrets,
    nodeOf: (params) => readNode(params.node) ?? node.current(),
  });
  return { ...api, asked: tools.asked, ports, files, lockdowns: () => lockdowns, rescues: () => rescues };
}
