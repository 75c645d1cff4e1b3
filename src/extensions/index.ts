export { commands, extensionNames } from './commands/index.ts';
export { readNode } from './node.ts';
export type * from './ports.ts';
export { genericSteps } from './steps/index.ts';
