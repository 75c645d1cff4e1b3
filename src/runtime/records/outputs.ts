import type { OutputRecord, StepOutput } from '../../extensions/index.ts';

/** The agent's memory is for the work: the newest outputs only. */
const MAX_OUTPUTS = 5;

export function createOutputRecord(): OutputRecord {
  const kept: StepOutput[] = [];
  return {
    keep: (output) => {
      kept.push(output);
      if (kept.length > MAX_OUTPUTS) kept.shift();
    },
    all: () => [...kept],
  };
}
