import { formatBytes, formatDuration } from '../../src/core/index.ts';
import type { Progress, Stage } from './stages.ts';

const amount = (value: number, unit: Progress['unit']) => (unit === 'bytes' ? formatBytes(value) : String(value));

/** `134.0 MiB of 256.0 MiB, 53.1 MiB/s, 2.3s left`. */
export function progressText({ done, total, unit, rate }: Progress): string {
  const size = total === null ? amount(done, unit) : `${amount(done, unit)} of ${amount(total, unit)}`;
  if (rate === null || rate <= 0) return size;
  const speed = `${size}, ${unit === 'bytes' ? formatBytes(Math.round(rate)) : rate.toFixed(1)}/s`;
  if (total === null || total <= done) return speed;
  return `${speed}, ${formatDuration(((total - done) / rate) * 1000)} left`;
}

export const elapsed = (stage: Stage, now: number): string => formatDuration((stage.endedAt ?? now) - stage.startedAt);

/** One line of the live display, cut to the width of the terminal. */
export function stageLine(stage: Stage, now: number, width: number): string {
  const mark = stage.failed !== null ? 'x' : stage.endedAt === null ? '>' : '+';
  const progress = stage.endedAt === null && stage.progress !== null ? `  ${progressText(stage.progress)}` : '';
  const detail = stage.detail === null ? '' : `  ${stage.detail}`;
  const line = `${mark} ${stage.title.padEnd(34)} ${elapsed(stage, now).padStart(7)}${progress}${detail}`;
  return line.slice(0, Math.max(20, width - 1));
}
