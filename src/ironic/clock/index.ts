export * from './correction.ts';
export * from './timekeeper.ts';
