import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { createSecrets, fits, parse, reasonOf } from '../src/core/index.ts';
import { createLog, systemClock } from '../src/system/index.ts';
import { requirePrivateNetwork } from './host/index.ts';
import { openConsole } from './machine/index.ts';
import { type Finished, runLab } from './run/index.ts';
import { LabSpec, type ToOutside } from './scenario/index.ts';
import { createTimeline } from './timeline/index.ts';

/** `inside.ts <spec.json>`: the part of the lab that lives in the private network; started by `main.ts` only. */

const Stop = Type.Object({ kind: Type.Literal('stop') });
const Console = Type.Object({ kind: Type.Literal('console') });

/** The outside may be gone: then there is nobody to tell. */
const tell = (message: ToOutside) => void (process.connected && process.send?.(message));

/** As process 1 of its namespace this program gets no default signal handling. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = (why: string) => () => stopping.abort(new Error(why));
  process.on('SIGTERM', stop('ended by SIGTERM'));
  process.on('SIGINT', stop('interrupted'));
  process.on('disconnect', stop('the lab was closed'));
  process.on('message', (message) => {
    if (fits(Stop, message)) stop('stopped')();
  });
  return stopping.signal;
}

const whenAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** The outside says when it has written all it had to write. */
const whenTerminalIsFree = () =>
  new Promise<void>((resolve) => {
    process.on('message', (message) => fits(Console, message) && resolve());
  });

/** Leaves the server on until somebody ends it; on a terminal that means leaving its console. */
async function keep({ bench }: Finished, signal: AbortSignal): Promise<void> {
  const { stdin, stdout } = process;
  const free = whenTerminalIsFree();
  tell({ kind: 'kept', console: bench.machine.serialPath });
  if (!stdin.isTTY || !stdout.isTTY) return whenAborted(signal);
  await Promise.race([free, whenAborted(signal)]);
  if (!signal.aborted) await openConsole(bench.machine, { input: stdin, output: stdout }, signal);
}

async function main(specPath: string): Promise<void> {
  await requirePrivateNetwork();
  const spec = parse(LabSpec, JSON.parse(await readFile(specPath, 'utf8')), specPath);
  const signal = stopSignal();
  const destination = createWriteStream(join(spec.workDir, 'lab.log'), { flags: 'a' });
  const log = createLog({ debug: true, format: 'text', secrets: createSecrets(), destination });
  const timeline = createTimeline((event) => tell({ kind: 'event', event }), systemClock.now);
  const finished = await runLab(spec, { timeline, clock: systemClock, log }, signal);
  tell({ kind: 'outcome', outcome: finished.outcome });
  if (spec.keep && !signal.aborted) await keep(finished, signal);
  await finished.stop();
  process.exitCode = finished.outcome.failure === null ? 0 : 1;
}

await main(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 2;
});
// The channel to the outside would keep this process alive.
if (process.connected) process.disconnect?.();
