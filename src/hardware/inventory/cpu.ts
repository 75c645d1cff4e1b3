import { defineCollector } from '../../core/index.ts';
import { lscpu } from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { Inventory } from './schema.ts';

const whole = (text: string | undefined) => {
  const found = Number.parseInt(text ?? '', 10);
  return Number.isSafeInteger(found) && found >= 0 ? found : 0;
};
const words = (text: string | undefined) => (text ?? '').split(/\s+/).filter((word) => word !== '');

/** Sockets are unknown (`-`) on ARM without topology tables, the frequency on most virtual machines. */
export const cpu = defineCollector({
  name: 'cpu',
  doc: 'Model, maximum frequency in MHz as text, threads, architecture, flags and sockets.',
  budgetMs: 10_000,
  schema: Inventory.properties.cpu,
  fallback: { model_name: '', frequency: '', count: 0, architecture: '', flags: [], socket_count: 0 },
  async collect({ tools, files }: HardwarePorts, signal) {
    const of = await tools.run(lscpu, undefined, signal);
    const flags = words(of.get('flags'));
    return {
      model_name: of.get('model name') ?? '',
      frequency: of.get('cpu max mhz') ?? of.get('cpu mhz') ?? '',
      count: whole(of.get('cpu(s)')),
      architecture: of.get('architecture') ?? '',
      flags: flags.length > 0 ? flags : words(await procFlags(files)),
      socket_count: whole(of.get('socket(s)')),
    };
  },
});

/** Of the first processor; ARM calls them features. */
async function procFlags(files: HardwarePorts['files']): Promise<string> {
  const text = (await files.textOrNull('/proc/cpuinfo')) ?? '';
  return /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1] ?? '';
}
