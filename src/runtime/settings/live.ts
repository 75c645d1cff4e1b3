import type { AgentSettings } from '../../extensions/index.ts';
import type { ProxyEnvironment } from '../../system/index.ts';
import { containerSettings, imageSettings, logSettings } from './room-settings.ts';
import type { SettingsStore } from './store.ts';

const MAX_JOURNAL_BYTES = 8 * 1024 * 1024;

/** What no option says. */
export interface Surroundings {
  /** Boot NIC as the kernel line names it, verbatim. */
  readonly bootif: string | null;
  /** Proxies of the environment. */
  readonly proxies: ProxyEnvironment;
}

/** Settings of commands, read at use: lookup may change them after the table was built. */
export function liveSettings(
  store: SettingsStore,
  { bootif, proxies }: Surroundings,
  skipBmc: () => boolean,
): AgentSettings {
  return {
    get image() {
      return imageSettings(store.config(), store.local(), proxies);
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
