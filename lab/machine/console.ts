import type { ReadStream, WriteStream } from 'node:tty';
import type { Machine } from './machine.ts';

/** Ctrl-] as in telnet. */
const ESCAPE = 0x1d;

export interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

/** Joins a terminal to the serial console of a machine until Ctrl-] is typed or the machine is off. */
export async function openConsole(machine: Machine, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { input, output } = terminal;
  const left = Promise.withResolvers<void>();
  const type = (data: Buffer) => {
    if (data.includes(ESCAPE)) return left.resolve();
    machine.serial.write(data);
  };
  const abort = () => left.resolve();
  const stopListening = machine.serial.onData((data) => output.write(data));
  output.write(`Console of ${machine.spec.name}; Ctrl-] leaves it.\r\n`);
  input.setRawMode(true);
  input.resume();
  input.on('data', type);
  signal.addEventListener('abort', abort);
  // A console has no end of its own: a machine may stay on for days.
  const off = machine.whenOff(2 ** 31 - 1, signal).catch(() => undefined);
  try {
    await Promise.race([left.promise, off]);
  } finally {
    stopListening();
    signal.removeEventListener('abort', abort);
    input.off('data', type);
    input.setRawMode(false);
    input.pause();
    output.write('\r\n');
  }
}
