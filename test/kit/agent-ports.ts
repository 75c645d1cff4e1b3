import { createSecrets, silentLog } from '../../src/core/index.ts';
import { type AgentPorts, genericSteps } from '../../src/extensions/index.ts';
import { genericManager, type HardwarePorts, withSteps } from '../../src/hardware/index.ts';
import { createCatalogue } from '../../src/runtime/catalogue.ts';
import { createManagerSet } from '../../src/runtime/managers.ts';
import { createNodeRecord, createWrittenRecord } from '../../src/runtime/records/index.ts';
import { testSettings } from './image-ports.ts';

interface Choices {
  readonly bootcDisabled?: boolean;
  readonly image?: AgentPorts['settings']['image'];
  /** Step priorities of the configuration. */
  readonly priorities?: Readonly<Record<string, number>>;
}

/** What commands and steps may use, on a given machine; acts on the agent itself are only counted. */
export function agentPortsOn(machine: HardwarePorts, choices: Choices = {}) {
  const { bootcDisabled = false, image = testSettings, priorities = {} } = choices;
  let lockdowns = 0;
  let rescues = 0;
  const ports: AgentPorts = {
    hardware: machine,
    image: {
      ...machine,
      namespaces: { open: async () => ({ ...machine, close: async () => undefined }) },
    },
    settings: {
      image,
      rootDiskParity: false,
      guardSpecialFilesystems: true,
      busyDisk: { waitMs: 1, retries: 1 },
      ignoreBootloaderFailure: false,
      biosBootloaderInstall: false,
      bootcDisabled,
      bootif: null,
      skipBmc: true,
      ntpServer: null,
      maxJournalBytes: 1000,
      logPaths: [],
    },
    secrets: createSecrets(),
    node: createNodeRecord({
      log: silentLog,
      onChange: () => undefined,
      waitForRootDisk: async () => undefined,
      lookUpAgain: async () => null,
    }),
    written: createWrittenRecord(),
    catalogue: createCatalogue(createManagerSet([withSteps(genericManager, genericSteps)], machine), () => priorities),
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
  return { ports, lockdowns: () => lockdowns, rescues: () => rescues };
}
