import type { Memory } from '../../src/runtime/index.ts';

export interface RecordedMemory extends Memory {
  /** What was to be kept, in order, as `part` and value. */
  readonly kept: readonly (readonly [string, unknown])[];
}

/** A memory without a directory: what an earlier run left is given, what a later one would find is recorded. */
export function recordedMemory(before: Partial<Memory['before']> = {}): RecordedMemory {
  const kept: (readonly [string, unknown])[] = [];
  const keep = (part: string) => async (value: unknown) => void kept.push([part, value]);
  const facts = { node: null, lookup: null, inspection: null, callback: null, tokenOnGet: false, written: null };
  return {
    directory: '/run/ironic-python-agent',
    before: { token: null, facts, commands: [], end: null, ...before },
    kept,
    keepToken: keep('token'),
    keepFacts: keep('facts'),
    keepCommands: keep('commands'),
    keepEnd: keep('end'),
  };
}
