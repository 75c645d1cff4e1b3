export * from './digest.ts';
export * from './exclusive.ts';
export * from './paths.ts';
export * from './run.ts';
export * from './stamp.ts';
