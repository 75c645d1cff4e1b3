import type { Clock, Log } from '../core/index.ts';
import type { Files, Namespaces, ProxyEnvironment, Tools } from '../system/index.ts';

export interface ImagePorts {
  readonly tools: Tools;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
}

/** What it takes to run programs of an image. */
export interface BootloaderPorts extends ImagePorts {
  readonly namespaces: Namespaces;
}

export interface ImageTls {
  /** Paths of PEM files, or null. */
  readonly cafile: string | null;
  readonly certfile: string | null;
  readonly keyfile: string | null;
  readonly insecure: boolean;
  readonly minVersion: '1.2' | '1.3';
  readonly ciphers: string | null;
}

/** The settings of imaging 1.5 that steer this room. */
export interface ImageSettings {
  readonly connectionTimeoutMs: number;
  /** Tries after the first one. */
  readonly retries: number;
  readonly retryIntervalMs: number;
  /** From the first try to the last byte; 0 means no limit. */
  readonly maxDurationMs: number;
  readonly md5Enabled: boolean;
  readonly permittedFormats: readonly string[];
  readonly deepInspection: boolean;
  /** Write the files of a config drive into a FAT, whatever it came as. */
  readonly configDriveAsFat: boolean;
  /** Sizes in MiB of the partitions that boot the machine (imaging 1.5). */
  readonly espMib: number;
  readonly biosBootMib: number;
  /** Looks, a second apart, for a partition that was just made. */
  readonly partitionLooks: number;
  /** Which compressed images are unpacked. */
  readonly unpack: 'oci' | 'always' | 'never';
  /** For formats that qemu-img reads: bound on its address space in bytes; tries when there is too little memory. */
  readonly convert: { readonly memoryBytes: number; readonly attempts: number };
  readonly tls: ImageTls;
  /** Of the environment: for what brings no proxies of its own. */
  readonly proxies: ProxyEnvironment;
  /** Credentials for image servers that the image itself does not override; strategy `noauth` means none. */
  readonly server: { readonly strategy: string; readonly user: string | null; readonly password: string | null };
}

export interface TargetDisk {
  /** `/dev/sda` */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly logicalSectorBytes: number;
  /** It is a partition: what is poured there is a file system and brings no partition table. */
  readonly isPartition?: boolean;
}

/** What was done, for the command result and the log. */
export interface ImageReport {
  readonly wireBytes: number;
  /** Bytes written to the disk; without holes. */
  readonly diskBytes: number;
  /** Bytes of zeros, written or punched. */
  readonly holeBytes: number;
  readonly durationMs: number;
  readonly algorithm: string;
  /** Hexadecimal digest of what came over the wire. */
  readonly digest: string;
  readonly format: string;
  readonly urlWithoutQuery: string;
  /** Size of the disk content in bytes. */
  readonly virtualSize: number;
  /** `0x0a1b2c3d`: the disk signature in the MBR; zero for most GPT images. */
  readonly mbrSignature: string;
}
