export * from './build.ts';
export * from './header.ts';
export * from './repair.ts';
