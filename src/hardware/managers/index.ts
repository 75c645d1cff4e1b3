export { genericManager } from './generic.ts';
export { type Manager, type ManagerFacts, withSteps } from './manager.ts';
