/** One progress report. `done`/`total` share one unit (`unit`); `total` is null while unknown. Data, never text to parse. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'items';
  /** The thing worked on, e.g. `/dev/sda`. */
  readonly on?: string;
  /** Bytes or items per second over the last interval. */
  readonly rate?: number;
}

export type Tell = (progress: Progress) => void;
export const tellNobody: Tell = () => undefined;
