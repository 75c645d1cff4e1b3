import { Type } from 'typebox';
import { fits, reasonOf, redactText } from '../../core/index.ts';
import {
  type ClientTls,
  type Files,
  ipFamily,
  ipLinks,
  ipRouteTo,
  type JsonResponse,
  type NetProbe,
  ServerUnreachable,
} from '../../system/index.ts';
import type { IronicPorts } from '../ports.ts';
import { baseUrl } from '../urls.ts';
import type { DiagnosisTarget, HttpSaid, LinkState, PathFacts, Way } from './facts.ts';

export type DiagnosisPorts = Pick<IronicPorts, 'tools' | 'files' | 'clock' | 'http'> & { readonly net: NetProbe };

/** For each step. */
const STEP_MS = 5_000;
const MOST_ADDRESSES = 3;
const LONGEST_EXCERPT = 80;

const carrierOf = async (files: Files, name: string): Promise<boolean | null> => {
  const text = await files.textOrNull(`/sys/class/net/${name}/carrier`);
  return text === null ? null : text === '1';
};

async function linksOf({ tools, files }: DiagnosisPorts, signal: AbortSignal): Promise<readonly LinkState[]> {
  const links = await tools.run(ipLinks, undefined, signal).catch(() => []);
  const real = links.filter(({ name }) => name !== 'lo');
  return Promise.all(
    real.map(async ({ name, addresses }) => ({
      name,
      carrier: await carrierOf(files, name),
      addresses: addresses.map(({ local }) => local).filter((local) => local !== ''),
    })),
  );
}

async function wayTo({ tools, net }: DiagnosisPorts, address: string, port: number, signal: AbortSignal): Promise<Way> {
  const route = tools.run(ipRouteTo, { to: address }, signal).catch(() => null);
  return { address, route: await route, dialled: await net.dial(address, port, STEP_MS, signal) };
}

const Version = Type.Object({ default_version: Type.Object({ version: Type.String() }) });

const excerptOf = ({ text }: JsonResponse): string => {
  const line = redactText(text.replace(/\s+/g, ' ').trim());
  return line === '' ? 'an empty body' : line.slice(0, LONGEST_EXCERPT);
};

const versionOf = ({ status, json }: JsonResponse): string | null =>
  status === 200 && fits(Version, json) ? json.default_version.version : null;

async function askHttp(
  { http }: DiagnosisPorts,
  target: DiagnosisTarget,
  tls: ClientTls,
  signal: AbortSignal,
): Promise<{ readonly said: HttpSaid; readonly theirs: number | null }> {
  const url = target.role === 'Ironic API' ? `${baseUrl(target.url)}/` : target.url;
  try {
    const answer = await http.send({ method: 'GET', url, headers: {}, timeoutMs: STEP_MS, tls }, signal);
    const said = { status: answer.status, apiVersion: versionOf(answer), excerpt: excerptOf(answer) };
    return { said, theirs: answer.date };
  } catch (error) {
    signal.throwIfAborted();
    const code = ServerUnreachable.is(error) ? String(error.data.code ?? '') : '';
    return { said: { code, why: reasonOf(error) }, theirs: null };
  }
}

interface Hop {
  readonly proxy: string | null;
  readonly host: string;
  readonly port: number;
}

/** What is dialled first: the server or its proxy. */
function hopOf(net: NetProbe, url: URL): Hop {
  const proxy = net.proxyOf(url);
  const first = proxy === null ? url : new URL(proxy);
  const port = first.port === '' ? (first.protocol === 'https:' ? 443 : 80) : Number(first.port);
  const host = first.hostname.replace(/^\[|\]$/g, '');
  return { proxy: proxy === null ? null : redactText(proxy), host, port };
}

async function waysOf(ports: DiagnosisPorts, { host, port }: Hop, signal: AbortSignal) {
  const resolution = ipFamily(host) === 0 ? await ports.net.resolve(host, STEP_MS, signal) : null;
  const addresses = resolution === null ? [host] : 'addresses' in resolution ? resolution.addresses : [];
  const ways = addresses.slice(0, MOST_ADDRESSES).map((address) => wayTo(ports, address, port, signal));
  return { resolution, ways: await Promise.all(ways) };
}

/** TLS and HTTP over the first address that answers; through a proxy the HTTP client sees TLS on its own. */
async function talk(
  ports: DiagnosisPorts,
  target: DiagnosisTarget,
  hop: Hop,
  ways: readonly Way[],
  tls: ClientTls,
  signal: AbortSignal,
) {
  const address = ways.find(({ dialled }) => 'from' in dialled)?.address;
  if (address === undefined) return { handshake: null, http: null, theirs: null };
  const encrypted = /^https:/i.test(target.url) && hop.proxy === null;
  const aim = { address, port: hop.port, host: hop.host, tls };
  const handshake = encrypted ? await ports.net.handshake(aim, STEP_MS, signal) : null;
  const isTrusted = handshake === null || ('fault' in handshake && (handshake.fault === null || tls.insecure));
  if (isTrusted) {
    const { said, theirs } = await askHttp(ports, target, tls, signal);
    return { handshake, http: said, theirs };
  }
  if (!('fault' in handshake)) return { handshake, http: null, theirs: null };
  // What the server says is not to be trusted; its clock tells whose fault a date is.
  const bare = { ...tls, insecure: true, certfile: null, keyfile: null };
  return { handshake, http: null, theirs: (await askHttp(ports, target, bare, signal)).theirs };
}

/** Walks the way to the server step by step, each within 5 s, and changes nothing. */
export async function gatherPath(
  ports: DiagnosisPorts,
  target: DiagnosisTarget,
  tls: ClientTls,
  signal: AbortSignal,
): Promise<PathFacts> {
  const hop = hopOf(ports.net, new URL(target.url));
  const [links, { resolution, ways }] = await Promise.all([linksOf(ports, signal), waysOf(ports, hop, signal)]);
  const said = await talk(ports, target, hop, ways, tls, signal);
  const { cafile, insecure, minVersion } = tls;
  return { target, ours: ports.clock.now(), links, ...hop, resolution, ways, ...said, cafile, insecure, minVersion };
}
