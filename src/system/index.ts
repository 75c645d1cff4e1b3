export * from './clock.ts';
export * from './errors.ts';
export * from './files.ts';
export * from './log.ts';
export * from './run.ts';
export * from './tool.ts';
