/** One line of the table. Ratio is ours through peer: below 1 is better for times and memory. */
export interface Measurement {
  readonly name: string;
  readonly ours: string;
  readonly peer: string;
  /** Null where there is no peer. */
  readonly ratio: number | null;
  /** What the line is judged by, e.g. `<= 0.9`; empty where it only informs. */
  readonly target: string;
  readonly met: boolean | null;
}

/** A ratio to hold: ours must be at most `limit` times the peer's. */
export function compare(name: string, ours: number, peer: number, unit: string, limit: number): Measurement {
  const ratio = ours / peer;
  const text = (value: number) => `${value.toFixed(2)} ${unit}`;
  return { name, ours: text(ours), peer: text(peer), ratio, target: `<= ${limit.toFixed(2)}`, met: ratio <= limit };
}

/** A limit without a peer. */
export function limitTo(name: string, ours: number, unit: string, limit: number): Measurement {
  return {
    name,
    ours: `${ours.toFixed(0)} ${unit}`,
    peer: '-',
    ratio: null,
    target: limit === Number.POSITIVE_INFINITY ? '' : `<= ${limit} ${unit}`,
    met: limit === Number.POSITIVE_INFINITY ? null : ours <= limit,
  };
}

export function table(measurements: readonly Measurement[]): string {
  const rows = [
    ['what', 'ours', 'peer', 'ratio', 'target', ''],
    ...measurements.map((m) => [
      m.name,
      m.ours,
      m.peer,
      m.ratio === null ? '-' : m.ratio.toFixed(2),
      m.target,
      m.met === null ? '' : m.met ? 'ok' : 'MISSED',
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
