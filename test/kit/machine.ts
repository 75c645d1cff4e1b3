import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../src/core/index.ts';
import type { HardwarePorts } from '../../src/hardware/index.ts';
import { systemClock, type Tools } from '../../src/system/index.ts';
import { type Entries, memoryFiles } from './memory-files.ts';
import { type RecordedCall, type RecordedTools, recordedTools } from './recorded-tools.ts';

/** A machine of the museum `test/machines/<name>/` (see the README there). */
export interface Machine {
  readonly ports: HardwarePorts & { readonly tools: RecordedTools };
  readonly facts: { readonly doc: string; readonly bootif: string | null; readonly skipBmc: boolean };
  readonly inventory: unknown;
  /** What the servers' hooks must make of the extra-hardware collector; null where it was not recorded. */
  readonly extra: unknown;
  /** Every recorded program, to be asked as often as one likes: for what asks several times. */
  readonly anyTools: Tools;
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
  const isThere = (file: string) => existsSync(join(machinesDir, name, file));
  const more = isThere('extra-tools.json') ? read('extra-tools.json') : [];
  const anyTools: Tools = {
    run: (tool, input, signal) => recordedTools([...stored.tools, ...more]).run(tool, input, signal),
  };
  const extra = isThere('extra.json') ? read('extra.json') : null;
  return { ports, facts: stored.facts, inventory: read('inventory.json'), extra, anyTools };
}
