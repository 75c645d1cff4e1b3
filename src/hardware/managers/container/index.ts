export { containerManager } from './manager.ts';
export { managerMethods } from './methods.ts';
export { ignoresOptions, orderOfArguments, orderOfFile, wordsOf } from './policy.ts';
export { type ContainerStepContext, runContainer } from './run.ts';
export type * from './settings.ts';
export { type FileStep, readStepsFile } from './steps-file.ts';
