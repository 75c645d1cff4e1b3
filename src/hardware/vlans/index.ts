export { createVlans } from './create.ts';
export { planVlans } from './plan.ts';
