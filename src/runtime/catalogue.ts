import {
  HardwareManagerMethodNotFound,
  IncompatibleHardwareMethod,
  type Run,
  type Step,
  type StepKind,
  VersionMismatch,
} from '../core/index.ts';
import type { StepCatalogue, WireStep } from '../extensions/index.ts';
import type { Fitting, Manager } from '../hardware/index.ts';
import type { ManagerSet } from './managers.ts';

/** The steps of one manager that fits, those that are only known on the machine among them. */
interface Offer<P> {
  readonly manager: Fitting<Manager<P>>;
  readonly steps: readonly Step<P>[];
  /** That the operator chose. */
  readonly priorityOf: (name: string) => number | undefined;
}

interface Candidate<P> {
  readonly manager: Fitting<Manager<P>>;
  readonly step: Step<P>;
  readonly priority: number;
}

/** Support, then priority, then class name decide (steps.md 1.3). */
const byRank = <P>(a: Candidate<P>, b: Candidate<P>): number =>
  b.manager.support - a.manager.support ||
  b.priority - a.priority ||
  (a.manager.className < b.manager.className ? -1 : 1);

/** Priorities that the operator chose, by step name; they count wherever the step is offered. */
export type Priorities = () => Readonly<Record<string, number>>;

const offerOf = <P>(manager: Fitting<Manager<P>>, steps: readonly Step<P>[], chosen: Priorities): Offer<P> => {
  const own = Object.entries(chosen());
  const priorityOf = (name: string) => own.find(([key]) => key === name)?.[1];
  return { manager, steps, priorityOf };
};

const candidates = <P>(offers: readonly Offer<P>[], kind: StepKind): readonly Candidate<P>[] =>
  offers.flatMap(({ manager, steps, priorityOf }) =>
    steps.flatMap((step) => {
      const place = step.in[kind];
      return place === undefined ? [] : [{ manager, step, priority: priorityOf(step.name) ?? place.priority }];
    }),
  );

/** Candidates of each step name, best first. */
function ranked<P>(offers: readonly Offer<P>[], kind: StepKind): ReadonlyMap<string, readonly Candidate<P>[]> {
  return Map.groupBy([...candidates(offers, kind)].sort(byRank), ({ step }) => step.name);
}

/** Wire form of steps.md 1.2; deploy steps carry no `abortable`. */
function toWire<P>({ step, priority }: Candidate<P>, kind: StepKind): WireStep {
  return {
    step: step.name,
    interface: step.interface,
    priority,
    reboot_requested: step.rebootRequested ?? false,
    ...(kind === 'deploy' ? {} : { abortable: step.abortable ?? false }),
    ...(step.argsinfo === undefined ? {} : { argsinfo: step.argsinfo }),
  };
}

function listing<P>(offers: readonly Offer<P>[], kind: StepKind): Readonly<Record<string, readonly WireStep[]>> {
  const winners = [...ranked(offers, kind).values()].flatMap((sameName) => sameName.slice(0, 1));
  const byManager = Map.groupBy(winners, ({ manager }) => manager.className);
  return Object.fromEntries([...byManager].map(([name, won]) => [name, won.map((winner) => toWire(winner, kind))]));
}

const isSameMap = (a: Readonly<Record<string, string>>, b: unknown): boolean =>
  typeof b === 'object' &&
  b !== null &&
  Object.keys(b).length === Object.keys(a).length &&
  Object.entries(b).every(([name, version]) => a[name] === version);

/** With the steps that managers read on the machine. */
const complete = <P>(
  fitting: readonly Fitting<Manager<P>>[],
  run: Run<P>,
  chosen: Priorities,
): Promise<readonly Offer<P>[]> =>
  Promise.all(
    fitting.map(async (manager) => {
      const more = (await manager.moreSteps?.(run)) ?? [];
      return offerOf(manager, [...manager.steps, ...more], chosen);
    }),
  );

/** Tries the managers in order until one does not say that it is the wrong one (inventory 1.2). */
async function runFirst<P>(
  sameName: readonly Candidate<P>[],
  args: unknown,
  run: Run<P>,
  name: string,
): Promise<unknown> {
  const reasons: string[] = [];
  for (const { step } of sameName) {
    try {
      return await step.invoke(args, run);
    } catch (error) {
      if (!IncompatibleHardwareMethod.is(error)) throw error;
      run.log.info('step.incompatible', { step: name, reason: error.details });
      reasons.push(error.details);
    }
  }
  throw HardwareManagerMethodNotFound(
    `Could not find method: ${name}`,
    reasons.length === 0 ? {} : { hint: reasons.join('; ') },
  );
}

/** All steps of the hardware managers that fit this machine. */
export function createCatalogue<P>(
  { all, fitting }: Pick<ManagerSet<P>, 'all' | 'fitting'>,
  chosen: Priorities = () => ({}),
): StepCatalogue<P> {
  // Every manager of the build, found or not: a driver that loads late must not change the map between two boots.
  const versions = Object.fromEntries(all.map(({ name, version }) => [name, version]));
  // What is read on the machine may not take a declared name, so it is read only for other names: a file with a mistake
  // in it does not stop the steps that have nothing to do with it.
  const candidatesOf = async (kind: StepKind, name: string, run: Run<P>) => {
    const found = await fitting(run.signal);
    const declared = found.map((manager) => offerOf(manager, manager.steps, chosen));
    return ranked(declared, kind).get(name) ?? ranked(await complete(found, run, chosen), kind).get(name) ?? [];
  };
  return {
    steps: async (kind, run) => listing(await complete(await fitting(run.signal), run, chosen), kind),
    versions: () => versions,
    find: async (kind, name, run) => (await candidatesOf(kind, name, run))[0]?.step,
    assertVersions: (expected) => {
      if (expected === null || expected === undefined || isSameMap(versions, expected)) return;
      throw VersionMismatch(
        `the step was planned for ${JSON.stringify(expected)}, this agent has ${JSON.stringify(versions)}`,
      );
    },
    run: async (kind, name, args, run) => runFirst(await candidatesOf(kind, name, run), args, run, name),
  };
}
