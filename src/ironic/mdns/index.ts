export * from './discover.ts';
export * from './service.ts';
