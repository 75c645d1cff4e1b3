import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import got from 'got';
import { Type } from 'typebox';
import { type Clock, fits } from '../../src/core/index.ts';
import type { AgentAddress } from '../conductor/index.ts';
import type { Timeline } from '../timeline/index.ts';

export interface Sample {
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'items';
}
/** One look at how far something is; null when it does not know. */
export type Probe = () => Promise<Sample | null>;

const Status = Type.Object({
  progress: Type.Object({
    phase: Type.String(),
    done: Type.Number(),
    total: Type.Union([Type.Number(), Type.Null()]),
    unit: Type.Union([Type.Literal('bytes'), Type.Literal('items')]),
  }),
});

const EVERY_MS = 2_000;
const PATIENCE_MS = 5_000;
/** Boot scripts and the like are not worth showing. */
const SMALL = 1_000_000;

/** The agent's own progress. One connection is kept: a TLS handshake is dear on an emulated processor. */
export function agentProbe(address: () => AgentAddress | null): Probe {
  const agent = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  return async () => {
    const at = address();
    if (at === null) return null;
    const response = await got.get(`${at.url}/v1/status`, {
      agent,
      timeout: { request: PATIENCE_MS },
      retry: { limit: 0 },
      ...(at.ca === null ? {} : { https: { certificateAuthority: at.ca } }),
    });
    const status: unknown = JSON.parse(response.body);
    if (!fits(Status, status)) return null;
    const { done, total, unit } = status.progress;
    return { done, total, unit };
  };
}

/** Bytes that our HTTP server sent of the file it sends now. `sizeOf` takes a request path; null for no such file. */
export function servedProbe(
  served: () => Readonly<Record<string, number>>,
  sizeOf: (path: string) => Promise<number | null>,
): Probe {
  const before: Record<string, number> = {};
  return async () => {
    const now = served();
    const moving = Object.entries(now).find(([path, bytes]) => bytes > (before[path] ?? 0));
    Object.assign(before, now);
    if (moving === undefined) return null;
    const [path, bytes] = moving;
    const total = await sizeOf(path);
    if (total === null || total < SMALL) return null;
    // Counts add up over boots: what is beyond whole files belongs to this one.
    return { done: ((bytes - 1) % total) + 1, total, unit: 'bytes' };
  };
}

/** Shows progress while `work` runs: the first probe that knows something wins. A silent one costs nothing. */
export async function watching<T>(
  work: Promise<T>,
  probes: readonly Probe[],
  ports: { readonly timeline: Timeline; readonly clock: Clock },
): Promise<T> {
  const over = new AbortController();
  const look = async () => {
    for (const probe of probes) {
      const sample = await probe().catch(() => null);
      if (sample === null || over.signal.aborted) continue;
      return ports.timeline.progress(sample.done, sample.total, sample.unit);
    }
  };
  const loop = async () => {
    while (!over.signal.aborted) {
      await look();
      await ports.clock.sleep(EVERY_MS, over.signal).catch(() => undefined);
    }
  };
  const watch = loop();
  try {
    return await work;
  } finally {
    over.abort();
    await watch;
  }
}
