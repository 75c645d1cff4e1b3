export { type OpenedDirectory, type OwnNames, openPrivateDirectory, type PrivateDirectory } from './directory.ts';
