export { type BootDecision, type BootMode, decideBoot, type TableLabel } from './decide.ts';
export { describePartitions } from './describe.ts';
export { type Layout, type LayoutInput, type PlannedPartition, planLayout } from './layout.ts';
export { type Role, roleFacts } from './roles.ts';
