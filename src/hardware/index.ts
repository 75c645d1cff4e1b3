export * from './disks/index.ts';
export * from './errors.ts';
export * from './initialize.ts';
export * from './inventory/index.ts';
export * from './logs/index.ts';
export * from './managers/index.ts';
export * from './ports.ts';
export * from './power/index.ts';
