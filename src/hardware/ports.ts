import type { Clock, Log } from '../core/index.ts';
import type { Files, Tools } from '../system/index.ts';

/** Everything this room needs of the world. */
export interface HardwarePorts {
  readonly tools: Tools;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
}
