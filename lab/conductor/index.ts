export type { PowerControl } from './actions.ts';
export { type AgentAddress, type AgentLimits, ironicLimits } from './agent-client.ts';
export { parseVersion } from './api/versions.ts';
export { type Conductor, type ConductorPorts, type ConductorSettings, startConductor } from './conductor.ts';
export * from './errors.ts';
export type { Goal, ProvisionState } from './states.ts';
export type { Enrolment, NodeRecord } from './store.ts';
