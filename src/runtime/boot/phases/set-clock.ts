import { reasonOf } from '../../../core/index.ts';
import { syncClock } from '../../../hardware/index.ts';
import type { Phase } from '../facts.ts';
import type { BootContext } from './context.ts';

/** DHCP may still be on its way. */
const ATTEMPTS = 3;
const PAUSE_MS = 5_000;

/** Start-up step 7: the time server, when there is one. Its failure ends the phase only with `fail_if_clock_not_set`. */
export const setClock = ({ ports, settings }: BootContext): Phase => ({
  state: 'starting',
  waitsFor: 'the time server',
  when: () => settings.config().ntpServer !== null,
  run: async (facts, signal) => {
    const { ntpServer, failIfClockNotSet } = settings.config();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await syncClock(ports, ntpServer, signal);
        return facts;
      } catch (error) {
        signal.throwIfAborted();
        ports.log.warn('clock.sync.failed', { attempt, reason: reasonOf(error) });
        if (attempt >= ATTEMPTS && failIfClockNotSet) throw error;
        if (attempt >= ATTEMPTS) return facts;
        await ports.clock.sleep(PAUSE_MS, signal);
      }
    }
  },
});
