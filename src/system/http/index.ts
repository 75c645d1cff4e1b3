export * from './errors.ts';
export * from './json.ts';
export * from './observed.ts';
export { percentDecoded } from './percent.ts';
export { type ProxyEnvironment, proxyOf } from './proxy.ts';
