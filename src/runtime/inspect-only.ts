import type { Resolved } from '../config/index.ts';
import { type Secrets, tellNobody } from '../core/index.ts';
import { findServices, type MachinePorts } from './boot/index.ts';
import { inspectAlone, logCollector } from './inspection/index.ts';
import { createManagerSet, managers, namesAndVersions } from './managers.ts';
import { createSettingsStore, logSettings, wantedOfMdnsAlone } from './settings/index.ts';

export interface InspectionOptions {
  readonly resolved: Resolved;
  readonly ports: MachinePorts;
  readonly secrets: Secrets;
  /** Boot NIC as the kernel line names it, verbatim. */
  readonly bootif: string | null;
}

/** The inspection-only program, from its ports; nothing happens before `run`. See `inspectAlone` for what it returns. */
export function createInspection({ resolved, ports, secrets, bootif }: InspectionOptions): {
  run(signal: AbortSignal): Promise<boolean>;
} {
  const settings = createSettingsStore(resolved, ports.log, secrets);
  const logPaths = logSettings(resolved.config).kept;
  const collectLogs = logCollector(ports, secrets, () => ({ logPaths, extra: [] }));
  const set = createManagerSet(managers, ports);
  const context = {
    ports,
    settings,
    bootif,
    managers: (signal: AbortSignal) => namesAndVersions(set, signal),
    collectLogs,
    tell: tellNobody,
  };
  const find = (signal: AbortSignal) => findServices(context, wantedOfMdnsAlone(settings.config()), signal);
  return { run: (signal) => inspectAlone(context, find, signal) };
}
