import type { Clock } from './clock.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Log lines are events with fields: `log.info('disk.wipe.start', { disk: '/dev/sda' })`. Secrets are removed behind this port. */
export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * A log for events that a stranger can cause as often as he likes: at most `lines` per `perMs` pass. The next line that
 * passes says in `heldBack` how many did not. Debug lines are not held back: who asks for them wants them all.
 */
export function boundedLog(
  log: Log,
  clock: Pick<Clock, 'monotonic'>,
  { lines, perMs }: { readonly lines: number; readonly perMs: number },
): Log {
  let began = Number.NEGATIVE_INFINITY;
  let said = 0;
  let heldBack = 0;
  const bounded = (level: 'info' | 'warn' | 'error') => (event: string, fields?: Fields) => {
    const now = clock.monotonic();
    if (now - began >= perMs) {
      began = now;
      said = 0;
    }
    if (said >= lines) {
      heldBack += 1;
      return;
    }
    said += 1;
    log[level](event, heldBack === 0 ? fields : { ...fields, heldBack });
    heldBack = 0;
  };
  return { debug: log.debug, info: bounded('info'), warn: bounded('warn'), error: bounded('error') };
}
