import { createSecrets, silentLog } from '../../src/core/index.ts';
import type { AgentPorts } from '../../src/extensions/index.ts';
import type { ContainerSettings, HardwarePorts } from '../../src/hardware/index.ts';
import { createCatalogue } from '../../src/runtime/catalogue.ts';
import { createManagerSet, managers } from '../../src/runtime/managers.ts';
import { createNodeRecord, createOutputRecord, createWrittenRecord } from '../../src/runtime/records/index.ts';
import { testSettings } from './image-ports.ts';
import { recordedTools } from './recorded-tools.ts';

interface Choices {
  readonly bootcDisabled?: boolean;
  readonly image?: AgentPorts['settings']['image'];
  /** Step priorities of the configuration. */
  readonly priorities?: Readonly<Record<string, number>>;
  readonly containers?: Partial<ContainerSettings>;
  /** Managers ask the machine whether they fit; otherwise only the generic one does. */
  readonly asksManagers?: boolean;
}

export const testContainers: ContainerSettings = {
  runner: 'podman',
  allowArbitrary: false,
  allowed: [],
  pullOptions: [],
  runOptions: ['--rm', '--network=host'],
  stepsFile: '/etc/ironic-python-agent.d/mysteps.yaml',
  requireDigest: false,
  pullTimeoutMs: 60_000,
  runTimeoutMs: 60_000,
};

/** What commands and steps may use, on a given machine; acts on the agent itself are only counted. */
export function agentPortsOn(machine: HardwarePorts, choices: Choices = {}) {
  const { bootcDisabled = false, image = testSettings, priorities = {}, containers, asksManagers = false } = choices;
  const asked = asksManagers ? machine : { ...machine, tools: recordedTools([]) };
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
      containers: { ...testContainers, ...containers },
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
    outputs: createOutputRecord(),
    catalogue: createCatalogue(createManagerSet(managers, asked), () => priorities),
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
