export * from './console/index.ts';
export * from './http/index.ts';
export { listen } from './listen.ts';
