import type { CommandFacts, WireError } from '../../core/index.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type JobStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CLEAN_VERSION_MISMATCH';

/** One executed command. Plain data, so that a history can be written to a file as it is. */
export interface Job {
  readonly id: string;
  /** `<extension>.<command>` */
  readonly name: string;
  readonly kind: CommandFacts['kind'];
  /** Of `execute_*_step`: which one; for people. */
  readonly step: string | null;
  readonly status: JobStatus;
  readonly error: WireError | null;
  readonly result: Json;
  /** Wall clock, milliseconds since the epoch. */
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

/** Exactly the five keys of protocol.md 7.3. */
export interface WireCommand {
  readonly id: string;
  readonly command_name: string;
  readonly command_status: JobStatus;
  readonly command_error: WireError | null;
  readonly command_result: Json;
}

/** `standby.sync` -> `sync`; everything after the first dot. */
export const bareName = (name: string): string => name.slice(name.indexOf('.') + 1);

/** Conductors find commands by bare name; only a failed sync command keeps its full name (protocol.md 7.3). */
export function toWire(job: Job): WireCommand {
  const isFailedSync = job.kind === 'sync' && job.status !== 'SUCCEEDED';
  return {
    id: job.id,
    command_name: isFailedSync ? job.name : bareName(job.name),
    command_status: job.status,
    command_error: job.error,
    command_result: job.result,
  };
}
