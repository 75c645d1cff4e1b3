import type { Clock, Log } from '../core/index.ts';
import type { Files, JsonHttp, Tools } from '../system/index.ts';

/** What the conductor's client needs from the machine. */
export interface IronicPorts {
  readonly tools: Tools;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly http: JsonHttp;
}
