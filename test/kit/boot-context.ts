import { createSecrets, silentLog } from '../../src/core/index.ts';
import { initializeHardware } from '../../src/hardware/index.ts';
import type { BootContext } from '../../src/runtime/boot/index.ts';
import type { InspectionContext } from '../../src/runtime/inspection/index.ts';
import { createMulticastDns } from '../../src/system/index.ts';
import { recordedMemory } from './agent-memory.ts';

/** The view of a boot that serves nothing and remembers nothing, over the ports of an inspection. */
export const bootContextOf = (
  context: InspectionContext,
  lock: AbortSignal = new AbortController().signal,
): BootContext => ({
  ...context,
  ports: { ...context.ports, multicast: createMulticastDns(silentLog) },
  secrets: createSecrets(),
  nodes: { current: () => null, adopt: async () => undefined, refresh: async () => null },
  forgetWork: async () => 0,
  startManagers: (signal) => initializeHardware(context.ports, signal),
  serve: async () => undefined,
  lock,
  memory: recordedMemory(),
});
