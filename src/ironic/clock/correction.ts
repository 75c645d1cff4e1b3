/** No server can be right that says it is earlier than this program. Moved on with each release. */
const EARLIEST = Date.UTC(2026, 9, 1);
/** Certificates of a machine that ran beyond this are of no concern to this program. */
const LATEST = Date.UTC(2046, 9, 1);

/** Both clocks at one moment, milliseconds since the epoch. */
export interface ClockReading {
  readonly ours: number;
  readonly theirs: number;
}

export type Correction = { readonly set: number } | { readonly keep: string };

const iso = (at: number): string => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
};

/** `this machine's clock says 2019-01-01T00:00:00.000Z, the server's 2026-11-25T10:00:00.000Z`. */
export const describeClocks = ({ ours, theirs }: ClockReading): string =>
  `this machine's clock says ${iso(ours)}, the server's ${iso(theirs)}`;

/** Whether TLS can fail because of the clock: a certificate may be younger than the difference. */
export const clocksDiffer = ({ ours, theirs }: ClockReading, toleranceMs: number): boolean =>
  Math.abs(theirs - ours) > toleranceMs;

/**
 * Whether the clock is set by the server. A server whose certificate was not verified is asked, too: hence the bounds,
 * and after the correction its certificate is verified as usual.
 * @param allowed what the operator and this boot allow: `off` by option, `used` when it was corrected already
 */
export function planCorrection(
  reading: ClockReading,
  { toleranceMs, allowed }: { readonly toleranceMs: number; readonly allowed: 'yes' | 'off' | 'used' },
): Correction {
  if (!clocksDiffer(reading, toleranceMs)) return { keep: 'both clocks agree' };
  if (allowed === 'off') return { keep: 'clock_from_conductor is off' };
  if (allowed === 'used') return { keep: 'it was corrected once already' };
  if (reading.theirs < EARLIEST) return { keep: `the server's clock is before ${iso(EARLIEST)}` };
  if (reading.theirs > LATEST) return { keep: `the server's clock is after ${iso(LATEST)}` };
  return { set: reading.theirs };
}
