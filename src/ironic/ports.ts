import type { Clock, Log } from '../core/index.ts';
import type { Files, JsonHttp, Tools } from '../system/index.ts';

/** The exchanges that an operator waits for. */
export type Exchange = 'inspection' | 'lookup' | 'callback address' | 'heartbeat';

/** Is told how the talk with the conductor goes, for the status screen and the self-diagnosis. */
export interface TalkWatch {
  /** `why`: one sentence for operators, without secrets. */
  failed(exchange: Exchange, why: string): void;
  succeeded(exchange: Exchange): void;
}

/** What the conductor's client needs from the machine. */
export interface IronicPorts {
  readonly tools: Tools;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly http: JsonHttp;
  readonly talk?: TalkWatch;
}
