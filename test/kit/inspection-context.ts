import { setTimeout as sleep } from 'node:timers/promises';
import { resolveConfig } from '../../src/config/index.ts';
import { createSecrets, tellNobody } from '../../src/core/index.ts';
import type { InspectionContext } from '../../src/runtime/inspection/index.ts';
import { createSettingsStore } from '../../src/runtime/settings/index.ts';
import type { Tools } from '../../src/system/index.ts';
import type { FakeClock } from './fake-clock.ts';
import { ironicKit } from './ironic-ports.ts';
import { loadMachine } from './machine.ts';

export interface InspectionKit {
  readonly context: InspectionContext;
  readonly clock: FakeClock;
  readonly lines: readonly string[];
}

export interface InspectionKitOptions {
  /** Kernel parameters beside those that keep the test short. */
  readonly kernel: string;
  readonly auto?: boolean;
  readonly machine?: string;
  readonly archive?: Uint8Array;
}

/** An inspection of a recorded machine over real HTTP, with time in the test's hand. */
export function inspectionKit({
  kernel,
  auto = false,
  machine = 'qemu-q35',
  archive,
}: InspectionKitOptions): InspectionKit {
  const { ports, clock, lines } = ironicKit({ auto });
  const { facts, ports: recorded } = loadMachine(machine);
  // A recording plays each call once, and an inspection lists disks twice.
  const tools: Tools = { run: (tool, input, signal) => loadMachine(machine).ports.tools.run(tool, input, signal) };
  const settings = createSettingsStore(
    resolveConfig({
      files: [],
      env: {},
      flags: [],
      kernel: `ipa-inspection-dhcp-wait-timeout=0 ipa-http-request-timeout=1 ${kernel}`,
      facts: { ipv6Enabled: true },
    }),
    ports.log,
    createSecrets(),
  );
  const context: InspectionContext = {
    ports: { ...ports, tools, files: recorded.files },
    settings,
    bootif: facts.bootif,
    managers: async () => [{ name: 'generic_hardware_manager', version: '1.2' }],
    collectLogs: async () => archive ?? Buffer.from('an archive'),
    tell: tellNobody,
  };
  return { context, clock, lines };
}

/** Lets fake time pass, with real time between for sockets, until `done` settles. */
export async function passTime<T>(clock: FakeClock, done: Promise<T>, stepMs = 500): Promise<T> {
  let settled = false;
  const end = () => {
    settled = true;
  };
  done.then(end, end);
  while (!settled) {
    await clock.advance(stepMs);
    await sleep(3);
  }
  return done;
}
