export type { Params } from './execution.ts';
export { interrupted, spokenName } from './interrupted.ts';
export type { Job, JobStatus, Json, WireCommand } from './job.ts';
export { type CommandRequest, createJobs, type Jobs, type JobsOptions } from './jobs.ts';
export type { WaitOptions } from './waiting.ts';
