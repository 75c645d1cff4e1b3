export * from './one-shot.ts';
