import type { AgentSettings } from '../../extensions/index.ts';
import { containerSettings, imageSettings, logSettings } from './room-settings.ts';
import type { SettingsStore } from './store.ts';

const MAX_JOURNAL_BYTES = 8 * 1024 * 1024;

/** Settings of commands, read at use: lookup may change them after the table was built. */
export function liveSettings(store: SettingsStore, bootif: string | null, skipBmc: () => boolean): AgentSettings {
  return {
    get image() {
      return imageSettings(store.config(), store.local());
    },
    get rootDiskParity() {
      return store.config().defaultRootDiskParity;
    },
    get guardSpecialFilesystems() {
      return store.config().guardSpecialFilesystems;
    },
    get busyDisk() {
      const config = store.config();
      return {
        waitMs: config.diskPartitionerCheckDeviceInterval * 1000,
        retries: config.diskPartitionerCheckDeviceMaxRetries,
      };
    },
    get ignoreBootloaderFailure() {
      return store.config().ignoreBootloaderFailure ?? false;
    },
    get biosBootloaderInstall() {
      return store.config().enableBiosBootloaderInstall;
    },
    get bootcDisabled() {
      return store.config().disableBootcDeploy;
    },
    get containers() {
      return containerSettings(store.config());
    },
    bootif,
    get skipBmc() {
      return skipBmc();
    },
    get ntpServer() {
      return store.config().ntpServer;
    },
    maxJournalBytes: MAX_JOURNAL_BYTES,
    get logPaths() {
      return logSettings(store.config()).kept;
    },
  };
}
