import { renderConfig } from '../config/index.ts';
import { redact } from '../core/index.ts';
import type { OutputRecord } from '../extensions/index.ts';
import type { Hub } from './hub.ts';
import type { Jobs } from './jobs/index.ts';
import type { Timers } from './metrics/index.ts';
import type { SettingsStore } from './settings/index.ts';

interface Known {
  readonly hub: Hub;
  readonly jobs: Jobs;
  readonly settings: SettingsStore;
  readonly timers: Timers;
  readonly outputs: Pick<OutputRecord, 'all'>;
}

const asText = (value: unknown): string => `${JSON.stringify(redact(value), null, 2)}\n`;

const outputMembers = ({ outputs }: Known) =>
  outputs.all().map(({ step, image, text }, at) => ({
    name: `containers/${at + 1}-${step.replace(/[^A-Za-z0-9_.-]/g, '_')}`,
    text: `${step}: ${image}\n${text}`,
  }));

/** State, command history, effective configuration and kept measurements, as members of the log archive. */
export function diagnosticsOf(known: Known) {
  const { hub, jobs, settings, timers } = known;
  const collected = timers.collected();
  const measured = { name: 'agent/metrics.json', text: asText(collected) };
  return [
    { name: 'agent/state.json', text: asText(hub.snapshot()) },
    { name: 'agent/commands.json', text: asText(jobs.list()) },
    { name: 'agent/effective.conf', text: renderConfig(settings.resolved()) },
    ...outputMembers(known),
    ...(Object.keys(collected).length === 0 ? [] : [measured]),
  ];
}
