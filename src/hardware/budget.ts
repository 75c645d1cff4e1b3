import { timerMs } from '../core/index.ts';

/**
 * Runs `work` for at most `budgetMs`. One that ignores its signal is left behind, so that a hanging device costs its own
 * part of the report and not the report.
 * @throws what `work` throws; an error that names the budget; the outer signal's reason when that aborts
 */
export async function withinBudget<T>(
  budgetMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer: AbortSignal,
): Promise<T> {
  outer.throwIfAborted();
  const signal = AbortSignal.any([outer, AbortSignal.timeout(timerMs(budgetMs))]);
  const expired = new Promise<never>((_resolve, reject) => {
    const end = () => reject(outer.aborted ? outer.reason : new Error(`no answer within ${budgetMs / 1000} s`));
    signal.addEventListener('abort', end, { once: true });
  });
  // Aborted work rejects with a word about the signal; what took too long says more.
  return Promise.race([expired, work(signal)]);
}
