import type { Tell } from '../../core/index.ts';
import type { HardwarePorts, LldpHeard } from '../../hardware/index.ts';
import type { JsonHttp } from '../../system/index.ts';
import type { SettingsStore } from '../settings/index.ts';

/** What an inspection works with, in the boot and in the inspection-only program alike. */
export interface InspectionContext {
  readonly ports: HardwarePorts & { readonly http: JsonHttp };
  readonly settings: SettingsStore;
  /** Boot NIC as the kernel line names it, verbatim; null when it does not. */
  readonly bootif: string | null;
  /** Those that fit this machine, best first. */
  readonly managers: (signal: AbortSignal) => Promise<readonly { readonly name: string; readonly version: string }[]>;
  /** The system log archive, bounded in time and size. */
  readonly collectLogs: (signal: AbortSignal) => Promise<Uint8Array>;
  /** LLDP that was listened for earlier in this boot; null or absent when nobody has. */
  readonly heard?: LldpHeard | null;
  /** The machine runs our ramdisk and may be changed for the inspection; absent: an installed system, which may not. */
  readonly isOurs?: boolean;
  /** Told what takes long. */
  readonly tell: Tell;
}

/** Some top-level keys of the report. */
export type Part = Readonly<Record<string, unknown>>;
