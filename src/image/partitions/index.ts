export { type PartitionInput, type PartitionPlan, planPartitions } from './plan.ts';
export { type PartitionOrder, type PartitionReport, writePartitionImage } from './write.ts';
