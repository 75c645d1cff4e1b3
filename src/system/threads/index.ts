export * from './codec/index.ts';
export * from './load/index.ts';
