export { type Chassis, startBmc } from './bmc.ts';
export { createIronicClient, type IronicClient, type IronicNode } from './client.ts';
export * from './errors.ts';
export { type Inspector, startInspector } from './inspector.ts';
export { type Ironic, startIronic } from './service.ts';
export type { IronicSettings } from './settings.ts';
