import { hasConductor, wantsAutomaticTls } from '../../settings/index.ts';
import type { BootFacts, Phase } from '../facts.ts';
import { isRescued } from '../marker.ts';
import type { BootContext } from './context.ts';
import { discoverServices } from './discover.ts';
import { inspect } from './inspect.ts';
import { lookUp } from './look-up.ts';
import { open, staticIdentity } from './open.ts';
import { secure } from './secure.ts';
import { setClock } from './set-clock.ts';
import { settle } from './settle.ts';

export type { BootContext, MachinePorts, ServerIdentity } from './context.ts';
export { findServices } from './discover.ts';

/** Before the network is touched: a rescued machine belongs to its tenant. */
const checkRescue = ({ ports }: BootContext): Phase => ({
  state: 'starting',
  waitsFor: 'the rescue marker check',
  when: () => true,
  run: async (facts: BootFacts) =>
    (await isRescued(ports.files)) ? { end: 'rescued', why: 'the rescue marker /etc/.rescued exists' } : facts,
});

/** Locked, or without a token, before the agent restarted: so it is now. */
const checkEnd = ({ memory }: BootContext): Phase => ({
  state: 'starting',
  waitsFor: 'the state before the restart',
  when: () => memory.before.end !== null,
  run: async (facts: BootFacts) => {
    const { end } = memory.before;
    return end === null ? facts : { end: end.kind, why: end.why };
  },
});

/** TLS waits for lookup: a generated certificate needs the address found later, and the conductor may raise the floor. */
function opensEarly({ settings }: BootContext): boolean {
  const config = settings.config();
  return !wantsAutomaticTls(config) && (staticIdentity(config) === null || !hasConductor(config));
}

/**
 * The boot as a list of named parts. The API opens first when all that it needs is known from the start, so that
 * `/v1/status` answers while the hardware is still looked at.
 */
export function phasesOf(context: BootContext): readonly Phase[] {
  const early = opensEarly(context) ? [open(context)] : [];
  return [
    checkRescue(context),
    checkEnd(context),
    ...early,
    discoverServices(context),
    setClock(context),
    settle(context),
    inspect(context),
    lookUp(context),
    secure(context),
    open(context),
  ];
}
