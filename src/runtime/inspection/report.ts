import type { Config } from '../../config/index.ts';
import { fits, reasonOf } from '../../core/index.ts';
import { Inventory, withinBudget } from '../../hardware/index.ts';
import { wantsLegacyKeys } from '../settings/index.ts';
import { type ReportCollector, type ReportContext, reportCollectors } from './collectors.ts';
import type { InspectionContext, Part } from './context.ts';
import { legacyKeys } from './legacy-keys.ts';
import { startListening } from './lldp.ts';

export const wantedCollectors = ({ inspectionCollectors }: Config): readonly string[] =>
  inspectionCollectors ?? ['default', 'logs'];

export interface InspectionReport {
  /** The body of the request. `error` is always there: null, or one line for each failure. */
  readonly payload: Part;
  /** Null when the `default` collector did not run or failed. */
  readonly inventory: Inventory | null;
  readonly failures: readonly string[];
}

export const errorText = (failures: readonly string[]): string | null =>
  failures.length === 0
    ? null
    : ['The following errors were encountered:', ...failures.map((failure) => `* ${failure}`)].join('\n');

interface Collected {
  readonly part: Part;
  readonly failures: readonly string[];
}

async function runOne(
  name: string,
  collector: ReportCollector,
  context: ReportContext,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Collected> {
  const failures: string[] = [];
  const work = (inner: AbortSignal) => collector.collect(context, names, inner, (why) => failures.push(why));
  try {
    return { part: await withinBudget(collector.budgetMs(context), work, signal), failures };
  } catch (error) {
    signal.throwIfAborted();
    context.ports.log.error('inspect.collector.failed', { collector: name, reason: reasonOf(error) });
    return { part: {}, failures: [...failures, `collector ${name} failed: ${reasonOf(error)}`] };
  }
}

/** Which of the names can be run, and which are unknown. */
function sort(names: readonly string[], collectors: ReadonlyMap<string, ReportCollector>) {
  const runnable = names.flatMap((name) => {
    const collector = collectors.get(name);
    return collector === undefined ? [] : [{ name, collector }];
  });
  return { runnable, unknown: names.filter((name) => !collectors.has(name)) };
}

/**
 * Runs the collectors in order, each within its budget; whatever fails becomes a line of `error`, which Ironic's default
 * hooks refuse (inventory.md 4.2). An unknown name means that nothing but `error` is sent.
 */
export async function makeReport(
  context: InspectionContext,
  names: readonly string[],
  signal: AbortSignal,
  collectors: ReadonlyMap<string, ReportCollector> = reportCollectors,
): Promise<InspectionReport> {
  const { runnable, unknown } = sort(names, collectors);
  if (unknown.length > 0) {
    const failures = unknown.map((name) => `unknown collector ${name}`);
    return { payload: { error: errorText(failures) }, inventory: null, failures };
  }
  // First of all: the switches take their time, and everything else is done meanwhile.
  const ready = { ...context, listening: await startListening(context, names, signal) };
  const collected: Collected[] = [];
  for (const { name, collector } of runnable) collected.push(await runOne(name, collector, ready, names, signal));
  const failures = collected.flatMap((one) => one.failures);
  const all: Part = Object.assign({}, ...collected.map(({ part }) => part));
  const inventory = fits(Inventory, all.inventory) ? all.inventory : null;
  const old = inventory !== null && wantsLegacyKeys(context.settings.resolved()) ? legacyKeys(inventory, all) : {};
  return { payload: { ...all, ...old, error: errorText(failures) }, inventory, failures };
}
