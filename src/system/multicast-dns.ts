import { networkInterfaces } from 'node:os';
import { type Log, reasonOf } from '../core/index.ts';

/** Records that describe a service (RFC 6763); others of an answer are left out. */
export type ServiceRecord =
  | { readonly type: 'SRV'; readonly name: string; readonly target: string; readonly port: number }
  | { readonly type: 'TXT'; readonly name: string; readonly entries: readonly Uint8Array[] }
  | { readonly type: 'A' | 'AAAA'; readonly name: string; readonly address: string };

export interface ServiceQuestion {
  readonly name: string;
  /** Own addresses of the interfaces to ask on; empty means all but the loopback. */
  readonly interfaces: readonly string[];
  readonly timeoutMs: number;
  /** Ends the wait when what has come so far is enough. */
  readonly enough: (records: readonly ServiceRecord[]) => boolean;
}

/** Questions to the local network (RFC 6762). */
export interface MulticastDns {
  /** What came in time, without repetitions, in the order in which it came; `from` says who told it. */
  ask(
    question: ServiceQuestion,
    signal: AbortSignal,
  ): Promise<{ readonly records: readonly ServiceRecord[]; readonly from: readonly string[] }>;
}

const GROUP = { IPv4: '224.0.0.251', IPv6: 'ff02::fb' } as const;
const ASKED = ['SRV', 'TXT', 'A', 'AAAA'] as const;
/** More than any service has: a flood of answers must not fill the memory. */
const MAX_RECORDS = 256;

interface Place {
  readonly family: 'IPv4' | 'IPv6';
  /** Own IPv4 address, or `::%eth0`. */
  readonly via: string;
}

/** One place per interface and family. */
function places(wanted: readonly string[]): readonly Place[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const usable = addresses.filter(({ internal, address }) =>
      wanted.length === 0 ? !internal : wanted.includes(address),
    );
    const v4 = usable.find(({ family }) => family === 'IPv4');
    const v6 = usable.find(({ family }) => family === 'IPv6');
    return [
      ...(v4 === undefined ? [] : [{ family: 'IPv4', via: v4.address } as const]),
      ...(v6 === undefined ? [] : [{ family: 'IPv6', via: `::%${name}` } as const]),
    ];
  });
}

interface WireRecord {
  readonly type: string;
  readonly name?: string;
  readonly data?: unknown;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Names compare without regard to case. Null for records of other types or forms. */
function recordOf({ type, name: rawName = '', data }: WireRecord): ServiceRecord | null {
  const name = rawName.toLowerCase();
  if (type === 'SRV' && isObject(data) && typeof data.target === 'string' && typeof data.port === 'number')
    return { type, name, target: data.target, port: data.port };
  if ((type === 'A' || type === 'AAAA') && typeof data === 'string') return { type, name, address: data };
  if (type !== 'TXT') return null;
  const entries = (Array.isArray(data) ? data : [data]).flatMap((entry: unknown) => {
    if (typeof entry === 'string') return [Buffer.from(entry)];
    return entry instanceof Uint8Array ? [entry] : [];
  });
  return { type, name, entries };
}

async function openAt({ family, via }: Place) {
  // Loaded here: a conductor with an address costs nothing.
  const { default: multicastDns } = await import('multicast-dns');
  return multicastDns({
    interface: via,
    // Datagrams for the group do not reach a socket that is bound to an address of its own.
    ...(family === 'IPv4' ? { bind: '0.0.0.0' } : { type: 'udp6', ip: GROUP.IPv6, bind: '::' }),
  });
}

class Asking {
  readonly records: ServiceRecord[] = [];
  readonly from = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #question: ServiceQuestion;
  readonly #done: () => void;

  constructor(question: ServiceQuestion, done: () => void) {
    this.#question = question;
    this.#done = done;
  }

  take(answers: readonly WireRecord[], from: string): void {
    for (const answer of answers) {
      const record = recordOf(answer);
      const key = JSON.stringify(record);
      if (record === null || this.#seen.has(key) || this.records.length >= MAX_RECORDS) continue;
      this.#seen.add(key);
      this.records.push(record);
      this.from.add(from);
    }
    if (this.#question.enough(this.records)) this.#done();
  }
}

export function createMulticastDns(log: Log): MulticastDns {
  return {
    async ask(question, signal) {
      const end = new AbortController();
      const asking = new Asking(question, () => end.abort());
      const stop = AbortSignal.any([signal, end.signal, AbortSignal.timeout(question.timeoutMs)]);
      const sockets = await Promise.all(
        places(question.interfaces).map(async (place) => {
          const socket = await openAt(place);
          const complain = (error: Error) => log.debug('mdns.socket', { via: place.via, reason: reasonOf(error) });
          socket.on('error', complain);
          socket.on('warning', complain);
          socket.on('response', (packet, { address }) =>
            asking.take([...(packet.answers ?? []), ...(packet.additionals ?? [])], address),
          );
          socket.on('ready', () => socket.query({ questions: ASKED.map((type) => ({ name: question.name, type })) }));
          return socket;
        }),
      );
      try {
        if (!stop.aborted)
          await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
      } finally {
        for (const socket of sockets) socket.destroy();
      }
      signal.throwIfAborted();
      return { records: asking.records, from: [...asking.from] };
    },
  };
}
