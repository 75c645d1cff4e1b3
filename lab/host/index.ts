export * from './accelerator.ts';
export * from './checks.ts';
export * from './command.ts';
export * from './daemon.ts';
export * from './errors.ts';
export * from './namespace.ts';
export * from './packages.ts';
export * from './wait.ts';
