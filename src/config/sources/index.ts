export * from './boot-parameters.ts';
export * from './command-line.ts';
export * from './environment.ts';
export { type Face, shortOf, type Word } from './face.ts';
export * from './files.ts';
export * from './ini.ts';
export * from './kernel.ts';
export * from './source.ts';
