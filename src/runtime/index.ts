export { type Face, type Resolved, renderConfig, renderHelp } from '../config/index.ts';
export type { TokenGate } from '../ironic/index.ts';
export * from './agent.ts';
export type { MachinePorts } from './boot/index.ts';
export type { Hub, HubSnapshot, RunningCommand } from './hub.ts';
export { createHub } from './hub.ts';
export * from './jobs/index.ts';
export { createMachineReports, type MachineReports } from './machine-reports.ts';
export { kernelLine, readConfiguration } from './settings/index.ts';
