import type { Config } from '../../config/index.ts';
import { reasonOf } from '../../core/index.ts';
import { benchmarkNames, extraHardware, extraHardwareMs, withinBudget } from '../../hardware/index.ts';
import type { ReportCollector } from './collectors.ts';
import type { InspectionContext } from './context.ts';

/** Room to say what went wrong before the report gives the collector up, which would fail the inspection. */
const GRACE_MS = 5_000;

/** Benchmarks that are asked for and exist; names of others are said in the log. */
function wantedBenchmarks({ ports, settings }: InspectionContext): readonly string[] {
  const { inspectionBenchmarks: asked } = settings.config();
  const unknown = asked.filter((name) => !benchmarkNames.includes(name));
  if (unknown.length > 0) ports.log.warn('inspect.benchmarks.unknown', { unknown, known: benchmarkNames });
  return benchmarkNames.filter((name) => asked.includes(name));
}

const budgetMs = ({ inspectionBenchmarks }: Config) => extraHardwareMs(inspectionBenchmarks);

/** Key `data`. Details that nobody may depend on: whatever goes wrong here, the inspection goes on. */
export const extraHardwareCollector: ReportCollector = {
  budgetMs: ({ settings }) => budgetMs(settings.config()) + GRACE_MS,
  collect: async (context, _names, outer) => {
    const { ports, settings, tell } = context;
    const options = { benchmarks: wantedBenchmarks(context), tell };
    const work = (signal: AbortSignal) => extraHardware(ports, options, signal);
    try {
      return { data: await withinBudget(budgetMs(settings.config()), work, outer) };
    } catch (error) {
      outer.throwIfAborted();
      ports.log.warn('inspect.collector.incomplete', { collector: 'extra-hardware', problem: reasonOf(error) });
      return {};
    }
  },
};
