export { benchmarkNames } from './benchmarks/index.ts';
export { type ExtraOptions, extraHardware, extraHardwareMs } from './collect.ts';
