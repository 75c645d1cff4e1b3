import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../src/core/index.ts';
import type { HardwarePorts } from '../../src/hardware/index.ts';
import { systemClock } from '../../src/system/index.ts';
import { type Entries, memoryFiles } from './memory-files.ts';
import { type RecordedCall, type RecordedTools, recordedTools } from './recorded-tools.ts';

/** A machine of the museum `test/machines/<name>/` (see the README there). */
export interface Machine {
  readonly ports: HardwarePorts & { readonly tools: RecordedTools };
  readonly facts: { readonly doc: string; readonly bootif: string | null; readonly skipBmc: boolean };
  readonly inventory: unknown;
}

interface Stored {
  readonly facts: Machine['facts'];
  readonly tools: readonly RecordedCall[];
  readonly files: Entries;
}

export const machinesDir = join(import.meta.dirname, '../machines');

export function loadMachine(name: string): Machine {
  const read = (file: string) => JSON.parse(readFileSync(join(machinesDir, name, file), 'utf8'));
  const stored: Stored = { facts: read('machine.json'), tools: read('tools.json'), files: read('files.json') };
  const ports = {
    tools: recordedTools(stored.tools),
    files: memoryFiles(stored.files),
    clock: systemClock,
    log: silentLog,
  };
  return { ports, facts: stored.facts, inventory: read('inventory.json') };
}
