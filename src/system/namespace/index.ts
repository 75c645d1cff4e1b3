export * from './inside.ts';
export * from './namespace.ts';
