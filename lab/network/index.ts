export { type BootScriptSpec, bootScript } from './boot-script.ts';
export type { Lease } from './dnsmasq.ts';
export { type HttpFiles, type HttpFilesOptions, serveFiles } from './http-server.ts';
export { createNetwork, type Network, type NetworkOptions } from './network.ts';
export { type PortState, portState } from './port.ts';
