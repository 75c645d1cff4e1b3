export { planEntries } from './entries.ts';
export { type BootloaderRequest, installBootloader } from './install.ts';
export { chooseLoaders, csvText, type EfiArch, type EspContent, type Loader } from './loaders.ts';
export { cleanNvram, DISK_ENTRIES, matchingEntries } from './nvram.ts';
