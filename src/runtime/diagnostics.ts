import { renderConfig } from '../config/index.ts';
import { redact } from '../core/index.ts';
import type { Hub } from './hub.ts';
import type { Jobs } from './jobs/index.ts';
import type { SettingsStore } from './settings/index.ts';

const asText = (value: unknown): string => `${JSON.stringify(redact(value), null, 2)}\n`;

/** State, command history and effective configuration, as members of the log archive. */
export const diagnosticsOf = (hub: Hub, jobs: Jobs, settings: SettingsStore) => [
  { name: 'agent/state.json', text: asText(hub.snapshot()) },
  { name: 'agent/commands.json', text: asText(jobs.list()) },
  { name: 'agent/effective.conf', text: renderConfig(settings.resolved()) },
];
