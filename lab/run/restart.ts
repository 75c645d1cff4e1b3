import { KILL_ORDER } from '../images/index.ts';
import type { Machine } from '../machine/index.ts';
import type { Restarted } from '../scenario/index.ts';
import { AgentNotBack } from './errors.ts';

const BACK_MS = 180_000;
const EVERY_MS = 5_000;
const START = /ironic-node-agent\[(\d+)\]: .*agent\.start/;
const SERVING = /ironic-node-agent\[(\d+)\]: .*api\.listening/;

const pidIn = (pattern: RegExp, line: string): number | null => {
  const pid = pattern.exec(line)?.[1];
  return pid === undefined ? null : Number(pid);
};

/** Kills the agent as nothing can prevent it, and waits until another process serves. @throws AgentNotBack */
export async function killAgent(machine: Machine, signal: AbortSignal): Promise<Restarted> {
  const before =
    machine.serial
      .lines()
      .flatMap((line) => pidIn(START, line) ?? [])
      .at(-1) ?? null;
  // A line that the kernel's messages break up is lost: the order is given again until it shows.
  const order = () => machine.serial.write(`${KILL_ORDER}\n`);
  const state: { started: boolean } = { started: false };
  return new Promise<Restarted>((resolve, reject) => {
    const end = (act: () => void) => {
      clearInterval(again);
      clearTimeout(late);
      stop();
      signal.removeEventListener('abort', abort);
      act();
    };
    const abort = () => end(() => reject(signal.reason));
    const again = setInterval(() => state.started || order(), EVERY_MS);
    const late = setTimeout(
      () => end(() => reject(AgentNotBack(`killed process ${before}; see the console`))),
      BACK_MS,
    );
    const stop = machine.onSerialLine((line) => {
      if (pidIn(START, line) !== null) state.started = true;
      const after = pidIn(SERVING, line);
      if (state.started && after !== null) end(() => resolve({ before, after }));
    });
    signal.addEventListener('abort', abort);
    order();
  });
}
