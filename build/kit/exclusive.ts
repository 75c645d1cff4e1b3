import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './paths.ts';
import { BuildFailed } from './run.ts';

/** A listening socket without a file: the kernel takes it back when its holder dies, so no lock is ever stale. */
async function tryLock(address: string): Promise<Server | undefined> {
  const server = createServer();
  server.listen(address);
  try {
    await once(server, 'listening');
    return server.unref();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

export interface Turn {
  readonly tell: (text: string) => void;
  /** Give up after this long; default one hour. */
  readonly waitMs?: number;
}

/** Runs `task` while no other process of this checkout runs one of the same name; waits for it otherwise. */
export async function exclusively<T>(name: string, turn: Turn, task: () => Promise<T>): Promise<T> {
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const deadline = Date.now() + (turn.waitMs ?? 3_600_000);
  for (let told = false; ; told = true) {
    const lock = await tryLock(`\0ironic-node-agent-${name}-${checkout}`);
    if (lock !== undefined) return await task().finally(() => lock.close());
    if (!told) turn.tell(`another process is busy with the ${name}: waiting for it`);
    if (Date.now() > deadline) throw new BuildFailed(`another process is still busy with the ${name}`);
    await sleep(200);
  }
}
