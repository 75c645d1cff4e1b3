export * from './acts.ts';
export * from './erase.ts';
export * from './facts.ts';
export * from './plan.ts';
