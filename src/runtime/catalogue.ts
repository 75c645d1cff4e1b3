import {
  HardwareManagerMethodNotFound,
  IncompatibleHardwareMethod,
  type Run,
  type Step,
  type StepKind,
  VersionMismatch,
} from '../core/index.ts';
import type { Manager, StepCatalogue, WireStep } from '../extensions/index.ts';

interface Candidate<P> {
  readonly manager: Manager<P>;
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

const offers = <P>(managers: readonly Manager<P>[], kind: StepKind, chosen: Priorities): readonly Candidate<P>[] =>
  managers.flatMap((manager) =>
    manager.steps.flatMap((step) => {
      const place = step.in[kind];
      return place === undefined ? [] : [{ manager, step, priority: chosen()[step.name] ?? place.priority }];
    }),
  );

/** Candidates of each step name, best first. */
function ranked<P>(
  managers: readonly Manager<P>[],
  kind: StepKind,
  chosen: Priorities,
): ReadonlyMap<string, readonly Candidate<P>[]> {
  return Map.groupBy([...offers(managers, kind, chosen)].sort(byRank), ({ step }) => step.name);
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

function listing<P>(
  managers: readonly Manager<P>[],
  kind: StepKind,
  chosen: Priorities,
): Readonly<Record<string, readonly WireStep[]>> {
  const winners = [...ranked(managers, kind, chosen).values()].flatMap((candidates) => candidates.slice(0, 1));
  const byManager = Map.groupBy(winners, ({ manager }) => manager.className);
  return Object.fromEntries([...byManager].map(([name, won]) => [name, won.map((winner) => toWire(winner, kind))]));
}

const isSameMap = (a: Readonly<Record<string, string>>, b: unknown): boolean =>
  typeof b === 'object' &&
  b !== null &&
  Object.keys(b).length === Object.keys(a).length &&
  Object.entries(b).every(([name, version]) => a[name] === version);

/** Tries the managers in order until one does not say that it is the wrong one. */
async function runFirst<P>(
  candidates: readonly Candidate<P>[],
  args: unknown,
  run: Run<P>,
  name: string,
): Promise<unknown> {
  const reasons: string[] = [];
  for (const { step } of candidates) {
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

/** All steps of all hardware managers; which manager supports this machine was found out before. */
export function createCatalogue<P>(managers: readonly Manager<P>[], chosen: Priorities = () => ({})): StepCatalogue<P> {
  const usable = managers.filter(({ support }) => support > 0);
  // Every manager of the build, found or not: a driver that loads late must not change the map between two boots.
  const versions = Object.fromEntries(managers.map(({ name, version }) => [name, version]));
  const candidatesOf = (kind: StepKind, name: string) => ranked(usable, kind, chosen).get(name) ?? [];
  return {
    steps: (kind) => listing(usable, kind, chosen),
    versions: () => versions,
    find: (kind, name) => candidatesOf(kind, name)[0]?.step,
    assertVersions: (expected) => {
      if (expected === null || expected === undefined || isSameMap(versions, expected)) return;
      throw VersionMismatch(
        `the step was planned for ${JSON.stringify(expected)}, this agent has ${JSON.stringify(versions)}`,
      );
    },
    run: (kind, name, args, run) => runFirst(candidatesOf(kind, name), args, run, name),
  };
}
