import { type ChildProcess, spawn } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fits, type Log } from '../../src/core/index.ts';
import { inPrivateNetwork, within } from '../host/index.ts';
import type { LabEvent } from '../timeline/index.ts';
import { PreparationFailed } from './errors.ts';
import { type Outcome, ToOutside } from './report.ts';
import type { LabSpec } from './spec.ts';

const INSIDE = join(import.meta.dirname, '..', 'inside.ts');
/** Servers, conductor and disks are closed in this time, or killed with their namespace. */
const GRACE_MS = 40_000;

export interface Watcher {
  event(event: LabEvent): void;
  outcome(outcome: Outcome): void;
  /** The server stays on until the signal fires. */
  kept(consolePath: string): void;
}

interface Inside {
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
}

async function start(spec: LabSpec, useTerminal: boolean): Promise<Inside> {
  const specPath = join(spec.workDir, 'spec.json');
  await writeFile(specPath, JSON.stringify(spec, null, 2));
  const { command, args, env } = await inPrivateNetwork([process.execPath, INSIDE, specPath]);
  const output = await open(join(spec.workDir, 'inside.log'), 'a');
  const child = spawn(command, [...args], {
    env: { ...process.env, ...env },
    stdio: [useTerminal ? 'inherit' : 'ignore', useTerminal ? 'inherit' : output.fd, output.fd, 'ipc'],
    // Ctrl-C reaches this process only, which then ends the other side in order.
    detached: !useTerminal,
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  return { child, ended: ended.finally(() => output.close()) };
}

export interface Outside {
  readonly watcher: Watcher;
  /** The inner part shows the console of a kept server on this terminal. */
  readonly useTerminal: boolean;
  readonly log: Log;
}

/** Ends the other side in order when `signal` fires, and by force when it takes too long. */
function stopWith(signal: AbortSignal, { child, ended }: Inside): void {
  const stop = () => {
    if (child.connected) child.send({ kind: 'stop' });
    within(ended, { what: 'end of the lab', timeoutMs: GRACE_MS }).catch(() => child.kill('SIGKILL'));
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
}

/** Runs the inner part in a private network and relays what it tells. @throws PreparationFailed without an outcome */
export async function runInside(spec: LabSpec, outside: Outside, signal: AbortSignal): Promise<Outcome> {
  const inside = await start(spec, outside.useTerminal);
  const seen: { outcome: Outcome | null } = { outcome: null };
  inside.child.on('message', (message) => {
    if (!fits(ToOutside, message)) return outside.log.warn('lab.message.unknown');
    if (message.kind === 'event') return outside.watcher.event(message.event);
    if (message.kind === 'kept') {
      outside.watcher.kept(message.console);
      if (inside.child.connected) inside.child.send({ kind: 'console' });
      return;
    }
    seen.outcome = message.outcome;
    outside.watcher.outcome(message.outcome);
  });
  stopWith(signal, inside);
  const code = await inside.ended;
  if (seen.outcome !== null) return seen.outcome;
  signal.throwIfAborted();
  throw PreparationFailed(`the inner part of the lab ended with exit code ${code}`, {
    hint: `see ${join(spec.workDir, 'inside.log')} and lab.log beside it`,
  });
}
