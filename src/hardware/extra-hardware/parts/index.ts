export { cpu, cpusOf } from './cpu.ts';
export { cacheFields, disk, idFields, metalDisks } from './disk.ts';
export { ipmi } from './ipmi.ts';
export { banksOf, memory } from './memory.ts';
export { businfoOf, ipv4Fields, network } from './network.ts';
export { smart, smartItems } from './smart.ts';
export { system } from './system.ts';
