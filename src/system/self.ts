/** What this process costs. */
export interface OwnUsage {
  readonly residentBytes: number;
  /** User and system time since the start. */
  readonly cpuSeconds: number;
}

const MICROSECONDS = 1e6;

export function ownUsage(): OwnUsage {
  const { user, system } = process.cpuUsage();
  return { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / MICROSECONDS };
}
