import { timerMs } from '../../core/index.ts';

/** Aborts with `signal` or when the time is over. */
export const within = (budgetMs: number, signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(timerMs(budgetMs))]);

/** `code` of a system error; its message for others. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
