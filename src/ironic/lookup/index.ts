export type { ConductorOptions } from './conductor-options.ts';
export * from './lookup.ts';
export * from './read-answer.ts';
