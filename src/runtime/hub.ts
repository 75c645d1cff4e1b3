import type { Clock, Progress } from '../core/index.ts';
import type { BootState } from './boot/index.ts';

/** What the agent is doing, for the status document and the status screen. Holds no secrets. */
export interface HubSnapshot {
  readonly version: string;
  /** Wall clock, milliseconds since the epoch. */
  readonly startedAt: number;
  readonly state: BootState;
  /** What an operator reads while the state lasts; null when nothing is awaited. */
  readonly waitsFor: string | null;
  /** Wall clock in milliseconds at which the state, or what it waits for, began. */
  readonly since: number;
  readonly nodeUuid: string | null;
  readonly addresses: readonly string[];
  readonly command: RunningCommand | null;
  readonly lastError: string | null;
  /** Why the talk with the conductor fails, as the agent has found out itself; null while it goes well. */
  readonly diagnosis: DiagnosisNote | null;
}

export interface DiagnosisNote {
  /** One line with the next step. */
  readonly verdict: string;
  readonly finding: string;
  /** Wall clock, milliseconds since the epoch. */
  readonly since: number;
}

export interface RunningCommand {
  readonly id: string;
  readonly name: string;
  readonly since: number;
  readonly progress: Progress | null;
}

export interface Hub {
  snapshot(): HubSnapshot;
  enter(state: BootState, waitsFor: string | null): void;
  learn(facts: Partial<Pick<HubSnapshot, 'nodeUuid' | 'addresses' | 'diagnosis'>>): void;
  commandStarted(id: string, name: string): void;
  /** Ignored for a command that is not the running one. */
  progress(id: string, progress: Progress): void;
  commandEnded(id: string, error: string | null): void;
  failed(error: string): void;
  /** `listener` runs after every change; the returned function ends that. A listener that throws is dropped. */
  subscribe(listener: (snapshot: HubSnapshot) => void): () => void;
}

export interface HubOptions {
  readonly version: string;
  readonly clock: Pick<Clock, 'now'>;
}

export function createHub({ version, clock }: HubOptions): Hub {
  const born = clock.now();
  const listeners = new Set<(snapshot: HubSnapshot) => void>();
  let now: HubSnapshot = {
    version,
    startedAt: born,
    state: 'starting',
    waitsFor: null,
    since: born,
    nodeUuid: null,
    addresses: [],
    command: null,
    lastError: null,
    diagnosis: null,
  };
  const tellOne = (listener: (snapshot: HubSnapshot) => void) => {
    try {
      listener(now);
    } catch {
      listeners.delete(listener);
    }
  };
  const change = (patch: Partial<HubSnapshot>) => {
    now = { ...now, ...patch };
    for (const listener of [...listeners]) tellOne(listener);
  };
  return {
    snapshot: () => now,
    enter: (state, waitsFor) => change({ state, waitsFor, since: clock.now() }),
    learn: change,
    commandStarted: (id, name) => change({ command: { id, name, since: clock.now(), progress: null } }),
    progress: (id, progress) => {
      if (now.command?.id === id) change({ command: { ...now.command, progress } });
    },
    commandEnded: (id, error) => {
      const command = now.command?.id === id ? null : now.command;
      change(error === null ? { command } : { command, lastError: error });
    },
    failed: (error) => change({ lastError: error }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
