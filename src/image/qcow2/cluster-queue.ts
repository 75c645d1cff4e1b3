import { MiB } from '../../core/index.ts';
import type { DecodeCrew } from '../../system/index.ts';
import { clusterInput, damagedCluster } from './decompress.ts';
import type { Qcow2Header } from './header.ts';

/** Decoded bytes per batch: long enough that handing it over costs nothing, short enough that all cores end together. */
const BATCH_BYTES = 2 * MiB;

/** Collects compressed clusters into batches and has them decoded, each right in its place. */
export interface ClusterQueue {
  /** @param input what follows the cluster's data in it is ignored. @param made called when `cluster` is filled
   * @throws InvalidImage when it cannot be a cluster; one that turns out to be damaged ends the crew's work instead */
  add(input: Uint8Array, cluster: Uint8Array, host: number, made: () => void): void;
  /** Has what is collected decoded now. */
  send(): void;
  /** Sends, and resolves when everything added since the last call is made: its inputs are free then. */
  inputDone(): Promise<void>;
}

interface Collected {
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  readonly host: number;
  readonly made: () => void;
}

export function createClusterQueue(header: Qcow2Header, crew: DecodeCrew): ClusterQueue {
  const perBatch = Math.max(1, Math.floor(BATCH_BYTES / header.clusterBytes));
  let collected: Collected[] = [];
  let sent: Promise<void>[] = [];

  async function decode(clusters: readonly Collected[]): Promise<void> {
    const fault = await crew.submit(clusters);
    if (fault === null) for (const { made } of clusters) made();
    else crew.fail(damagedCluster(clusters[fault.index]?.host ?? 0, fault.reason));
  }

  function send(): void {
    if (collected.length === 0) return;
    sent.push(decode(collected).catch((error: unknown) => crew.fail(error)));
    collected = [];
  }

  return {
    add(input, cluster, host, made) {
      collected.push({ input: clusterInput(header, input, host), output: cluster, host, made });
      if (collected.length >= perBatch) send();
    },
    send,
    async inputDone() {
      send();
      const waiting = sent;
      sent = [];
      await Promise.all(waiting);
    },
  };
}
