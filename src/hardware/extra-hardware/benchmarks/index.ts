export { benchmarkNames, benchmarksMs, runBenchmarks } from './benchmarks.ts';
