export {
  apiUrls,
  hasConductor,
  inspectionAddresses,
  isInspecting,
  type Wanted,
  wantedOfMdns,
  wantedOfMdnsAlone,
} from './addresses.ts';
export { type Boot, type BootRequest, readBoot } from './boot.ts';
export { liveSettings } from './live.ts';
export { type BootMedia, lookAtBootMedia, noMedia, takeBootMedia } from './media.ts';
export { readConfiguration, type World } from './read.ts';
export {
  apiSettings,
  imageSettings,
  inspectionSettings,
  logSettings,
  wantsAutomaticTls,
  wantsLegacyKeys,
} from './room-settings.ts';
export { createSettingsStore, type SettingsStore } from './store.ts';
