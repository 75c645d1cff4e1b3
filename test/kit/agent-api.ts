import { type Command, createSecrets, silentLog } from '../../src/core/index.ts';
import { type AgentPorts, commands, extensionNames, genericSteps, readNode } from '../../src/extensions/index.ts';
import { genericManager } from '../../src/hardware/index.ts';
import { createCatalogue } from '../../src/runtime/catalogue.ts';
import { createNodeRecord, createWrittenRecord } from '../../src/runtime/records/index.ts';
import { startTestApi, type TestApi } from './api.ts';
import { createFakeClock } from './fake-clock.ts';
import { testSettings } from './image-ports.ts';
import { memoryFiles } from './memory-files.ts';
import { type RecordedCall, recordedTools } from './recorded-tools.ts';

export interface AgentApi extends TestApi {
  readonly asked: readonly string[];
  readonly ports: AgentPorts;
  readonly lockdowns: () => number;
}

export interface AgentApiOptions {
  readonly recording?: readonly RecordedCall[];
  /** Added to the real table. */
  readonly more?: readonly Command<AgentPorts>[];
}

/** The real command table over HTTP, on a machine of which only `recording` is known. */
export async function startAgentApi({ recording = [], more = [] }: AgentApiOptions = {}): Promise<AgentApi> {
  const tools = recordedTools(recording);
  const machine = { tools, files: memoryFiles({}), clock: createFakeClock({ auto: true }), log: silentLog };
  let lockdowns = 0;
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
      bootif: null,
      skipBmc: true,
      ntpServer: null,
      maxJournalBytes: 1000,
    },
    secrets: createSecrets(),
    node,
    written: createWrittenRecord(),
    catalogue: createCatalogue([{ ...genericManager, steps: genericSteps }]),
    diagnostics: () => [],
    control: {
      lockdown: () => {
        lockdowns += 1;
      },
    },
  };
  const api = await startTestApi<AgentPorts>({
    commands: [...commands, ...more],
    extensions: extensionNames,
    ports,
    nodeOf: (params) => readNode(params.node) ?? node.current(),
  });
  return { ...api, asked: tools.asked, ports, lockdowns: () => lockdowns };
}
