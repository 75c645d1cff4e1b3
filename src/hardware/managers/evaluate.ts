import { reasonOf } from '../../core/index.ts';
import { withinBudget } from '../budget.ts';
import type { HardwarePorts } from '../ports.ts';
import { type Fitting, type ManagerFacts, SUPPORT } from './manager.ts';

/** A manager asks a program or two; one that hangs must not hold up the boot. */
const EVALUATE_MS = 30_000;

async function supportOf(manager: ManagerFacts, ports: HardwarePorts, signal: AbortSignal): Promise<number> {
  const { className } = manager;
  try {
    const support = await withinBudget(EVALUATE_MS, (inner) => manager.evaluate(ports, inner), signal);
    ports.log.info('manager.evaluated', { manager: className, support });
    return support;
  } catch (error) {
    signal.throwIfAborted();
    const effect = 'the manager is left out until the agent starts again';
    ports.log.error('manager.evaluate.failed', { manager: className, reason: reasonOf(error), effect });
    return SUPPORT.none;
  }
}

/**
 * The managers that fit this machine, best first; equals keep their order (inventory 1.1). One that fails or hangs is
 * left out, so that a vendor's plug-in does not cost the agent.
 */
export async function evaluateManagers<M extends ManagerFacts>(
  managers: readonly M[],
  ports: HardwarePorts,
  signal: AbortSignal,
): Promise<readonly Fitting<M>[]> {
  const asked = await Promise.all(
    managers.map(async (manager) => ({ ...manager, support: await supportOf(manager, ports, signal) })),
  );
  return asked.filter(({ support }) => support > SUPPORT.none).sort((a, b) => b.support - a.support);
}

/** Prepares the machine for each manager, one after the other; what one cannot do does not stop the next. */
export async function initializeManagers(
  managers: readonly ManagerFacts[],
  ports: HardwarePorts,
  signal: AbortSignal,
): Promise<void> {
  for (const { className, initialize } of managers) {
    try {
      await initialize?.(ports, signal);
    } catch (error) {
      signal.throwIfAborted();
      ports.log.error('manager.initialize.failed', { manager: className, reason: reasonOf(error) });
    }
  }
}
