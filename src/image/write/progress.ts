import type { Clock, Log, Tell } from '../../core/index.ts';

const TELL_MS = 1000;
const LOG_MS = 30_000;
const LOG_SHARE = 0.1;

/** Told how many bytes have come so far. */
export type Meter = (done: number) => void;

/** Progress to the hub every second; to the log every tenth of the way or every half minute (imaging 10.1). */
export function createMeter(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  tell: Tell,
  what: { readonly phase: string; readonly on: string; readonly total: number | null },
): Meter {
  const { phase, on, total } = what;
  let told = { at: clock.monotonic(), done: 0 };
  let logged = { at: told.at, done: 0 };
  return (done) => {
    const now = clock.monotonic();
    const elapsed = now - told.at;
    if (elapsed < TELL_MS && done !== total) return;
    const rate = elapsed === 0 ? {} : { rate: Math.round(((done - told.done) * 1000) / elapsed) };
    tell({ phase, done, total, unit: 'bytes', on, ...rate });
    told = { at: now, done };
    const far = total !== null && done - logged.done >= total * LOG_SHARE;
    if (!far && now - logged.at < LOG_MS && done !== total) return;
    logged = { at: now, done };
    log.info('image.progress', { phase, on, done, total, ...rate });
  };
}
