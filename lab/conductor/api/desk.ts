import type { NodeRecord, Store } from '../store.ts';
import type { Minor } from './versions.ts';

/** What the API may do with the conductor behind it. */
export interface Desk {
  readonly store: Store;
  readonly change: (uuid: string, change: (node: NodeRecord) => NodeRecord) => NodeRecord;
  readonly locked: (uuid: string) => boolean;
  /** An accepted heartbeat is acted upon, or dropped when the node is locked. */
  readonly heartbeat: (uuid: string) => void;
  readonly inspected: (uuid: string) => void;
  readonly note: (text: string) => void;
  readonly now: () => number;
  readonly settings: {
    readonly maxVersion: Minor;
    /** `[api]ramdisk_heartbeat_timeout`, seconds. */
    readonly heartbeatTimeout: number;
    readonly requireTls: boolean;
    readonly fastTrack: boolean;
  };
}
