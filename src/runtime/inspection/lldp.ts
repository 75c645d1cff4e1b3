import type { Config } from '../../config/index.ts';
import { type LldpHeard, listenForLldp, longestListening, nicNames } from '../../hardware/index.ts';
import type { InspectionContext } from './context.ts';

/** LLDP of one inspection: heard once, for all who ask. */
export interface Listening {
  /** Milliseconds that `heard` takes at most. */
  readonly longestMs: number;
  readonly heard: Promise<LldpHeard>;
}

/** Whether one of these collectors reports LLDP. */
export const wantsLldp = ({ collectLldp }: Config, names: readonly string[]) =>
  names.includes('lldp') || (collectLldp && names.includes('default'));

/** Starts to listen on every NIC when a collector of `names` will ask; what the boot has heard already is taken as it is. */
export async function startListening(
  { ports, settings, heard: known = null, isOurs = false }: InspectionContext,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Listening> {
  const config = settings.config();
  if (known !== null || !wantsLldp(config, names)) return { longestMs: 0, heard: Promise.resolve(known ?? new Map()) };
  const wish = { nics: await nicNames(ports), timeoutMs: config.lldpTimeout * 1000, isOurs };
  const heard = listenForLldp(ports, wish, signal);
  // Nobody waits for it yet when the agent is told to end.
  heard.catch(() => undefined);
  return { longestMs: longestListening(wish), heard };
}
