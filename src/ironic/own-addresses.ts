import { reasonOf } from '../core/index.ts';
import { ipFamily, ipLinks, isLinkLocal, isLoopback, type LinkFacts } from '../system/index.ts';
import type { IronicPorts } from './ports.ts';

/** More would make a long certificate, which goes along with every heartbeat; machines of the cloud have a few. */
const MOST = 16;

/** Addresses by which others may call a machine, in the order of its links. */
export function callableAddresses(links: readonly Pick<LinkFacts, 'addresses'>[]): readonly string[] {
  const all = links.flatMap(({ addresses }) => addresses.map(({ local }) => local));
  const isCallable = (address: string) => ipFamily(address) !== 0 && !isLoopback(address) && !isLinkLocal(address);
  return [...new Set(all.filter(isCallable))].slice(0, MOST);
}

/** Those of this machine; none when they cannot be listed, which is logged. */
export async function ownAddresses(
  { tools, log }: Pick<IronicPorts, 'tools' | 'log'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return callableAddresses(await tools.run(ipLinks, undefined, signal));
  } catch (error) {
    signal.throwIfAborted();
    log.warn('addresses.unknown', { why: reasonOf(error) });
    return [];
  }
}
