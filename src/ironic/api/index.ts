export * from './api.ts';
export * from './faults.ts';
export * from './headers.ts';
export type { Reached } from './url-pool.ts';
export * from './version.ts';
