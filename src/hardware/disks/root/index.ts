export * from './choose.ts';
export * from './skip.ts';
export * from './wait.ts';
