export * from './device.ts';
export * from './errors.ts';
export * from './scratch.ts';
export * from './slots.ts';
