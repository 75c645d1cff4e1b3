export * from './collections.ts';
export * from './kind.ts';
export * from './scalars.ts';
