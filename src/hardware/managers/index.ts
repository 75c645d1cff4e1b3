export * from './container/index.ts';
export { evaluateManagers, initializeManagers } from './evaluate.ts';
export { genericManager } from './generic.ts';
export { intelCnaManager } from './intel-cna.ts';
export { type Fitting, type Manager, type ManagerFacts, SUPPORT, withSteps } from './manager.ts';
export { mellanoxManager } from './mellanox.ts';
