export * from './api.ts';
export * from './faults.ts';
export * from './features.ts';
export * from './headers.ts';
export type { Reached } from './url-pool.ts';
export {
  type ApiVersion,
  atLeast,
  formatVersion,
  lower,
  OLDEST,
  parseVersion,
} from './version.ts';
