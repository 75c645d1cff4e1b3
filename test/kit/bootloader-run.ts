/**
 * The installation of a boot loader on a loop device, as a program of its own: it is started in a mount namespace, so that
 * whatever goes wrong stays there. Prints one JSON object.
 */
import { readFileSync } from 'node:fs';
import { AgentError, type Progress, reasonOf } from '../../src/core/index.ts';
import { type BootloaderRequest, installBootloader } from '../../src/image/index.ts';
import {
  createFiles,
  createNamespaces,
  createTools,
  systemClock,
  type Tool,
  type Tools,
} from '../../src/system/index.ts';

export interface BootloaderRun {
  readonly disk: string;
  readonly bytes: number;
  readonly request: BootloaderRequest;
  /** Cancels the command as soon as a program of this name runs. */
  readonly cancelAt?: string;
}

const { disk, bytes, request, cancelAt }: BootloaderRun = JSON.parse(process.argv[2] ?? '{}');
const events: { readonly event: string; readonly fields: unknown }[] = [];
const progress: Progress[] = [];
const note = (event: string, fields?: unknown) => void events.push({ event, fields });
const log = { debug: () => undefined, info: note, warn: note, error: note };
const real = createTools(log);
const isOurs = (device: string) => device === disk || device.startsWith(`${disk}p`);

/** Outside of the namespace nothing but our loop device may be changed. */
const tools: Tools = {
  async run<I, O>(tool: Tool<I, O>, input: I, signal?: AbortSignal): Promise<O> {
    const argv = tool.argv(input);
    if (tool.bin === 'udevadm')
      return tool.parse({ exitCode: 0, stdout: '', stderr: '', bytes: Buffer.alloc(0) }, input);
    const foreign = argv.filter((arg) => arg.startsWith('/dev/') && !isOurs(arg));
    if (tool.effect !== 'reads' && foreign.length > 0) throw new Error(`test safety: ${tool.bin} ${argv.join(' ')}`);
    return real.run(tool, input, signal);
  },
};

const abort = new AbortController();
const tell = (report: Progress) => {
  progress.push(report);
  // The program itself is given a moment to start.
  if (report.on === cancelAt && cancelAt !== undefined) setTimeout(() => abort.abort(new Error('cancelled')), 1_000);
};
const ports = { tools, files: createFiles(), clock: systemClock, log, namespaces: createNamespaces(log) };
const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8');
const before = mounts();
const target = { path: disk, size: bytes, logicalSectorBytes: 512 };
const outcome = await installBootloader(ports, target, request, tell, abort.signal).then(
  (warnings) => ({ warnings }),
  (error: unknown) => ({
    error: reasonOf(error),
    ...(error instanceof AgentError ? { type: error.type, data: error.data } : {}),
  }),
);
process.stdout.write(JSON.stringify({ outcome, events, progress, mountsChanged: mounts() !== before }));
