import { AgentError, reasonOf } from '../../core/index.ts';
import { VirtualMediaBootFailed } from '../errors.ts';
import type { HardwarePorts } from '../ports.ts';
import type { Medium } from './choose.ts';
import { type MediumFile, readConfigurationFiles } from './copy.ts';
import { CONFIGURATION, type Found, findMedium, PARAMETERS } from './find.ts';
import { withMedium } from './mounted.ts';
import { readParameters } from './parameters.ts';

const ATTEMPTS = 3;
const PAUSE_MS = 2_000;
/** For the few files wanted, over the slowest BMC. */
const READ_MS = 120_000;

/** A device that stops answering must not hold up the agent for ever. */
async function within<T>({ clock }: HardwarePorts, what: string, work: Promise<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController();
  const limit = clock.sleep(READ_MS, AbortSignal.any([done.signal, signal])).then(() => {
    throw VirtualMediaBootFailed(`${what} was not read within ${READ_MS / 1000} s`);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    done.abort();
    limit.catch(() => undefined);
  }
}

/** What is wrong with the content stays wrong; a BMC that drops a request may answer the next one. */
async function read<T>(
  ports: HardwarePorts,
  medium: Medium,
  work: (root: string) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { device } = medium;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await within(ports, device, withMedium(ports, medium, work, signal), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (VirtualMediaBootFailed.is(error)) throw error;
      const reason = reasonOf(error);
      if (attempt === ATTEMPTS) {
        const hint = 'check the virtual media of the BMC';
        throw VirtualMediaBootFailed(`${device} cannot be read: ${reason}`, { cause: error, hint });
      }
      ports.log.warn('media.read.retry', { device, attempt, reason });
      await ports.clock.sleep(PAUSE_MS, signal);
    }
  }
}

export interface MediumParameters {
  readonly device: string;
  /** In the syntax of the kernel command line; null when it cannot be had. */
  readonly text: string | null;
  /** Why `text` is null, for people. */
  readonly problem: string | null;
}

const absent = ({ device, byLabel }: Found): MediumParameters => {
  const problem = `the virtual floppy ${device} has no parameters.txt`;
  // Known by its model alone it may be any medium.
  return { device, text: null, problem: byLabel ? problem : null };
};

/**
 * Parameters on a virtual floppy (protocol.md 2.4): null when there is no such medium. A medium that is there and does
 * not give its parameters is the caller's to judge.
 */
export async function takeParameters(
  ports: HardwarePorts,
  waitMs: number,
  signal: AbortSignal,
): Promise<MediumParameters | null> {
  const found = await findMedium(ports, PARAMETERS, waitMs, signal);
  if (found === null) return null;
  const { device } = found;
  try {
    const text = await read(ports, found, (root) => readParameters(ports.files, root, device), signal);
    return text === null ? absent(found) : { device, text, problem: null };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return { device, text: null, problem: error.details };
  }
}

export interface MediumConfiguration {
  readonly device: string;
  readonly files: readonly MediumFile[];
}

/** Configuration files on a virtual CD (protocol.md 2.5), read but not copied; null without one. @throws VirtualMediaBootError */
export async function readMediumConfiguration(
  ports: HardwarePorts,
  waitMs: number,
  signal: AbortSignal,
): Promise<MediumConfiguration | null> {
  const found = await findMedium(ports, CONFIGURATION, waitMs, signal);
  if (found === null) return null;
  const { device } = found;
  const files = await read(ports, found, (root) => readConfigurationFiles(ports.files, root, device), signal);
  return { device, files };
}

/** Puts the files in place, readable by root only: they may hold passwords. @throws VirtualMediaBootError */
export async function placeConfiguration(ports: HardwarePorts, { device, files }: MediumConfiguration): Promise<void> {
  for (const { to, data } of files) {
    await ports.files.write(to, data, { mode: 0o600 }).catch((error: unknown) => {
      throw VirtualMediaBootFailed(`cannot write ${to} from ${device}: ${reasonOf(error)}`, { cause: error });
    });
  }
  ports.log.info('media.configuration.copied', { device, files: files.map(({ to }) => to) });
}
