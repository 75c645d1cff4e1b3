import type { Mirrors } from './sources.ts';

/** One making of the root file system. */
export interface Job {
  readonly release: string;
  readonly mirrors: Mirrors;
  /** The operator's DIB_ and IPA_ variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** A folder of its own, removed afterwards. */
  readonly work: string;
  /** Where `kernel`, `root.squashfs` and `early/` must appear. */
  readonly base: string;
  readonly aptConf: string;
  /** Packages are kept here for the next time. */
  readonly downloads: string;
  readonly agent: string;
  readonly tell: (text: string) => void;
}

/** Programs of the build see a fixed environment, apart from what the operator set on purpose. */
export const cleanEnvironment = (job: Job): Readonly<Record<string, string>> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  ...job.variables,
});
