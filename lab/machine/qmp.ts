import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Type } from 'typebox';
import { fits, reasonOf } from '../../src/core/index.ts';
import { within } from '../host/index.ts';
import { MachineFailed } from './errors.ts';

const Greeting = Type.Object({ QMP: Type.Unknown() });
const Answer = Type.Object({ id: Type.Integer(), return: Type.Unknown() });
const Refusal = Type.Object({ id: Type.Integer(), error: Type.Object({ desc: Type.String() }) });

export interface Qmp {
  /** Runs one order of the QEMU machine protocol. */
  execute(command: string, args?: Readonly<Record<string, unknown>>, timeoutMs?: number): Promise<unknown>;
  close(): void;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

function settle(pending: Map<number, Pending>, message: unknown): void {
  if (fits(Answer, message)) {
    pending.get(message.id)?.resolve(message.return);
    pending.delete(message.id);
  }
  if (fits(Refusal, message)) {
    pending.get(message.id)?.reject(MachineFailed(`QEMU refused: ${message.error.desc}`));
    pending.delete(message.id);
  }
}

/** Resolves when connected; a socket file that is not there yet is an ordinary error. */
export function connectUnix(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Opens the control channel of a running QEMU. */
export async function connectQmp(path: string, timeoutMs = 5000): Promise<Qmp> {
  const socket = await connectUnix(path);
  const pending = new Map<number, Pending>();
  const greeted = Promise.withResolvers<void>();
  const state = { next: 1 };
  const fail = (why: string) => {
    const error = MachineFailed(`the control channel of QEMU ${why}`);
    greeted.reject(error);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  socket.on('error', (error) => fail(`broke: ${reasonOf(error)}`));
  socket.on('close', () => fail('is closed'));
  greeted.promise.catch(() => undefined);
  createInterface({ input: socket }).on('line', (line) => {
    const message: unknown = JSON.parse(line);
    if (fits(Greeting, message)) greeted.resolve();
    settle(pending, message);
  });
  const execute = (command: string, args: Readonly<Record<string, unknown>> = {}, limitMs = 10_000) => {
    if (socket.destroyed) return Promise.reject(MachineFailed('the control channel of QEMU is closed'));
    const id = state.next++;
    const answer = new Promise<unknown>((resolve, reject) => pending.set(id, { resolve, reject }));
    socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    return within(answer, { what: `QEMU's answer to ${command}`, timeoutMs: limitMs });
  };
  await within(greeted.promise, { what: 'the greeting of QEMU', timeoutMs });
  await execute('qmp_capabilities');
  return { execute, close: () => socket.destroy() };
}
