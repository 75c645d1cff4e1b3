export { bmcChannels, hasIpmi } from './bmc.ts';
export { bootMac } from './boot.ts';
export * from './collect.ts';
export { identityOf, MELLANOX } from './infiniband.ts';
export { memory } from './memory.ts';
export { listNics, type Nic, nicNames, withoutBmcNics } from './nics.ts';
export { Inventory } from './schema.ts';
export { cleanText, parseSmbios, type Smbios } from './smbios.ts';
export { systemVendor } from './vendor.ts';
