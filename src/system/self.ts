import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

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

/** What an idle agent has outside the heap is far below, a config drive above. */
const WORTH_BYTES = 32 * 1024 * 1024;

/** The collector of the engine, which is hidden unless a flag shows it. */
function collector(): () => unknown {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return typeof found === 'function' ? () => Reflect.apply(found, undefined, []) : () => undefined;
}

/**
 * Gives memory back that nothing uses any more, where that is much. The engine collects when its heap grows, but long
 * strings and buffers lie outside of it: an agent that then only waits would keep hundreds of megabytes of a ramdisk.
 */
export function createRelief(): () => void {
  let collect: (() => unknown) | null = null;
  return () => {
    if (process.memoryUsage().external < WORTH_BYTES) return;
    collect ??= collector();
    collect();
  };
}
