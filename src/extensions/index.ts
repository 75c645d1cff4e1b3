export { commands, extensionNames } from './commands/index.ts';
export { readNode } from './node.ts';
export type * from './ports.ts';
export { containerSteps, genericSteps, stepsOfFile } from './steps/index.ts';
