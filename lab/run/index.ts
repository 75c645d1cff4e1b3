export * from './errors.ts';
export { type Finished, runLab } from './run.ts';
