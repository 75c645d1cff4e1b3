export * from './arguments.ts';
export * from './console.ts';
export * from './errors.ts';
export * from './machine.ts';
export * from './serial.ts';
export * from './spec.ts';
