import { reasonOf } from '../../../core/index.ts';
import { InspectionFailed, refusalOf } from '../../../ironic/index.ts';
import { keepSending, makeReport, sendReport, wantedCollectors, wantsLldp } from '../../inspection/index.ts';
import { apiUrls, isInspecting } from '../../settings/index.ts';
import type { BootFacts, Phase } from '../facts.ts';
import type { BootContext } from './context.ts';

/** Once taken, the inventory is not sent again: the node waits for inspection no longer. */
const isTaken = ({ memory }: BootContext, { inspected, late }: BootFacts): boolean =>
  memory.before.facts.inspection !== null || inspected === true || late?.state() === 'taken';

export const isInspectionDue = (context: BootContext, facts: BootFacts): boolean =>
  isInspecting(context.settings.config()) && !isTaken(context, facts) && facts.late?.state() !== 'trying';

/**
 * Start-up step 11: inventory to the callback (protocol.md 13). A refused report is logged, and lookup goes on without
 * a UUID; one that could not be delivered is kept and sent in the background meanwhile. Without a conductor to look up
 * at, the callback is all there is to do: then the boot starts over, with a fresh look at the machine.
 */
export const inspect = (context: BootContext): Phase => ({
  state: 'inspecting',
  get waitsFor() {
    const config = context.settings.config();
    // Switches take their time: whoever looks at the console meanwhile should know.
    const switches = wantsLldp(config, wantedCollectors(config)) ? ', the LLDP frames of the switches' : '';
    return `the inventory${switches} and the inspection callback`;
  },
  when: (facts) => isInspectionDue(context, facts),
  isStale: InspectionFailed.is,
  run: async (facts, signal): Promise<BootFacts> => {
    const { ports, settings, lock } = context;
    const config = settings.config();
    const { payload, inventory } = await makeReport(
      { ...context, heard: facts.heard ?? null, isOurs: true },
      wantedCollectors(config),
      signal,
    );
    const taken = (uuid: string | null) => context.memory.keepFacts({ inspection: { uuid } });
    const known = inventory === null ? facts : { ...facts, inventory };
    try {
      const { uuid } = await sendReport(context, payload, signal);
      await taken(uuid);
      return { ...known, inspected: true, ...(uuid === null ? {} : { inspectedUuid: uuid }) };
    } catch (error) {
      signal.throwIfAborted();
      if (!InspectionFailed.is(error)) throw error;
      const refused = refusalOf(error) !== null;
      if (!refused && apiUrls(config).length === 0) throw error;
      ports.log.error('inspect.callback.failed', {
        reason: reasonOf(error),
        next: refused ? 'the boot goes on without it' : 'lookup goes on, the report is sent again meanwhile',
      });
      if (refused) return known;
      return { ...known, late: keepSending(context, payload, taken, AbortSignal.any([signal, lock])) };
    }
  },
});
