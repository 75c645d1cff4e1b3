import { renderConfig } from '../config/index.ts';
import { redact } from '../core/index.ts';
import type { Hub } from './hub.ts';
import type { Jobs } from './jobs/index.ts';
import type { Timers } from './metrics/index.ts';
import type { SettingsStore } from './settings/index.ts';

interface Known {
  readonly hub: Hub;
  readonly jobs: Jobs;
  readonly settings: SettingsStore;
  readonly timers: Timers;
}

const asText = (value: unknown): string => `${JSON.stringify(redact(value), null, 2)}\n`;

/** State, command history, effective configuration and kept measurements, as members of the log archive. */
export function diagnosticsOf({ hub, jobs, settings, timers }: Known) {
  const collected = timers.collected();
  const measured = { name: 'agent/metrics.json', text: asText(collected) };
  return [
    { name: 'agent/state.json', text: asText(hub.snapshot()) },
    { name: 'agent/commands.json', text: asText(jobs.list()) },
    { name: 'agent/effective.conf', text: renderConfig(settings.resolved()) },
    ...(Object.keys(collected).length === 0 ? [] : [measured]),
  ];
}
