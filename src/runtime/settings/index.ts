export { liveSettings } from './live.ts';
export { kernelLine, readConfiguration, type World } from './read.ts';
export {
  apiSettings,
  apiUrls,
  imageSettings,
  inspectionAddresses,
  isInspecting,
  logSettings,
  type Wanted,
  wantedOfMdns,
  wantsAutomaticTls,
  wantsLegacyKeys,
} from './room-settings.ts';
export { createSettingsStore, type SettingsStore } from './store.ts';
