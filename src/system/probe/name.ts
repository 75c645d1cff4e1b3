import { lookup, Resolver } from 'node:dns/promises';
import type { Files } from '../files.ts';
import { codeOf, within } from './budget.ts';
import type { Resolution, ServerSaid } from './probe.ts';

const MOST_SERVERS = 3;
const PER_SERVER_MS = 2_000;

const nameServers = async (files: Pick<Files, 'textOrNull'>): Promise<readonly string[]> =>
  [...((await files.textOrNull('/etc/resolv.conf')) ?? '').matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map((match) => match[1] ?? '')
    .slice(0, MOST_SERVERS);

const SAID: Readonly<Record<string, ServerSaid['said']>> = {
  ENOTFOUND: 'no such name',
  // It knows the name, but not in this address family.
  ENODATA: 'knows it',
  ETIMEOUT: 'no answer',
  ECONNREFUSED: 'refuses',
  EREFUSED: 'refuses',
  ESERVFAIL: 'refuses',
};

async function ask(server: string, host: string): Promise<ServerSaid> {
  const resolver = new Resolver({ timeout: PER_SERVER_MS, tries: 1 });
  try {
    resolver.setServers([server.includes(':') ? `[${server.replace(/%.*$/, '')}]` : server]);
    await resolver.resolve4(host);
    return { server, said: 'knows it' };
  } catch (error) {
    return { server, said: SAID[codeOf(error)] ?? 'no answer' };
  }
}

/** As every program of the machine resolves it; when that fails, each DNS server is asked alone. */
export async function resolveName(
  files: Pick<Files, 'textOrNull'>,
  host: string,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Resolution> {
  const late = Promise.withResolvers<never>();
  const limit = within(budgetMs, signal);
  const give = () => late.reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
  limit.addEventListener('abort', give, { once: true });
  try {
    const found = await Promise.race([lookup(host, { all: true }), late.promise]);
    return { addresses: [...new Set(found.map(({ address }) => address))] };
  } catch (error) {
    signal.throwIfAborted();
    const servers = await Promise.all((await nameServers(files)).map((server) => ask(server, host)));
    return { code: codeOf(error), servers };
  } finally {
    limit.removeEventListener('abort', give);
  }
}
