export { type InjectedFile, type InjectRequest, readEntries } from './entries.ts';
export { type InjectOrder, injectFiles, needsRootDisk } from './inject.ts';
