export * from './mounted.ts';
