export * from './header.ts';
export * from './repair.ts';
