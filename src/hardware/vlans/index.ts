export { createVlans, type VlanWish } from './create.ts';
export { planVlans } from './plan.ts';
