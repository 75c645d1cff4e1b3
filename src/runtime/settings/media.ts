import { type FloppyParameters, options, parseKernelLine } from '../../config/index.ts';
import { reasonOf } from '../../core/index.ts';
import {
  type HardwarePorts,
  placeConfiguration,
  readMediumConfiguration,
  releaseConfigMount,
  takeParameters,
} from '../../hardware/index.ts';

/** Where the agent learns its conductor from; without these on the kernel line a floppy must bring them. */
const CONTACTS = [options.apiUrl, options.inspectionCallbackUrl, options.mdnsUseMdns].flatMap(
  ({ kernel = '', oldKernel }) => [kernel, ...oldKernel],
);
/** USB devices of a BMC may need as long after a cold start of the BMC's media service. */
const WAIT_MS = { needed: 60_000, expected: 15_000, report: 0 } as const;

/** What virtual media have added to the configuration. */
export interface BootMedia {
  readonly floppy: FloppyParameters | null;
  /** Why a floppy that is there gave no parameters. */
  readonly problem: string | null;
  /** Paths of files that came from a medium, and which. */
  readonly copied: ReadonlyMap<string, string>;
}

export const noMedia: BootMedia = { floppy: null, problem: null, copied: new Map() };

const bootedFromMedia = (kernel: string) => parseKernelLine(kernel).get('boot_method') === 'vmedia';

async function floppyOf(ports: HardwarePorts, waitMs: number, signal: AbortSignal) {
  const found = await takeParameters(ports, waitMs, signal);
  if (found === null) return { floppy: null, problem: null };
  const { device, text, problem } = found;
  if (text === null) {
    ports.log[problem === null ? 'info' : 'error']('media.parameters.absent', { device, reason: problem });
    return { floppy: null, problem };
  }
  const names = [...parseKernelLine(text).keys()];
  ports.log.info('media.parameters.read', { device, names });
  return { floppy: { device, text }, problem: null };
}

/**
 * Start-up steps 1 to 3 of protocol.md 1.1: parameters of a virtual floppy, configuration files of a virtual CD, and the
 * end of a left-over config drive mount.
 * @throws VirtualMediaBootError when a configuration medium cannot be taken over whole
 */
export async function takeBootMedia(ports: HardwarePorts, kernel: string, signal: AbortSignal): Promise<BootMedia> {
  try {
    if (!bootedFromMedia(kernel)) return noMedia;
    const known = [...parseKernelLine(kernel).keys()].some((name) => CONTACTS.includes(name));
    const { floppy, problem } = await floppyOf(ports, known ? 0 : WAIT_MS.needed, signal);
    const found = await readMediumConfiguration(ports, WAIT_MS.expected, signal);
    if (found === null) ports.log.info('media.configuration.absent');
    else await placeConfiguration(ports, found);
    return { floppy, problem, copied: copiedFrom(found) };
  } finally {
    await releaseConfigMount(ports, signal);
  }
}

const copiedFrom = (found: Awaited<ReturnType<typeof readMediumConfiguration>>) =>
  new Map((found?.files ?? []).map(({ to }) => [to, `virtual medium ${found?.device}`]));

/** The same for a report: nothing is copied, nothing is waited for, and nothing fails. */
export async function lookAtBootMedia(ports: HardwarePorts, kernel: string, signal: AbortSignal): Promise<BootMedia> {
  if (!bootedFromMedia(kernel)) return noMedia;
  const { floppy, problem } = await floppyOf(ports, WAIT_MS.report, signal);
  const found = await readMediumConfiguration(ports, WAIT_MS.report, signal).catch((error: unknown) => {
    ports.log.warn('media.configuration.unreadable', { reason: reasonOf(error) });
    return null;
  });
  return { floppy, problem, copied: copiedFrom(found) };
}
