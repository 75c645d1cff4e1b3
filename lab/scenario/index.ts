export * from './errors.ts';
export { helpText, type LabOptions, readOptions } from './options.ts';
export { runInside, type Watcher } from './outer.ts';
export { prepare } from './prepare.ts';
export * from './report.ts';
export { type ImageSpec, LabSpec } from './spec.ts';
