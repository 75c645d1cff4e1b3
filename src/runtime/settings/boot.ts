import {
  bootParameters,
  type CommandLine,
  InvalidOption,
  type KernelParameters,
  type Resolved,
} from '../../config/index.ts';
import { type HardwarePorts, VirtualMediaBootFailed } from '../../hardware/index.ts';
import { type BootMedia, lookAtBootMedia, takeBootMedia } from './media.ts';
import { kernelLine, readConfiguration, type World } from './read.ts';

/** What the machine was told before the agent started. */
export interface Boot {
  readonly resolved: Resolved;
  /** Kernel line and virtual floppy together: also what is no option, such as BOOTIF. */
  readonly parameters: KernelParameters;
}

export interface BootRequest {
  readonly commandLine: CommandLine;
  /** `agent` takes over what virtual media hold; `report` only looks. */
  readonly purpose: 'agent' | 'report';
  /** Ports for the time before the configuration is known; null when the one without media is not valid. */
  readonly open: (first: Resolved | null) => HardwarePorts;
}

/**
 * An agent that nobody can reach helps nobody: it ends, and its service starts it again. With an address it goes on, so
 * that the conductor sees it.
 * @throws VirtualMediaBootError
 */
function requireContact({ problem }: BootMedia, { config }: Resolved): void {
  const isKnown = config.apiUrl.length > 0 || config.inspectionCallbackUrl !== null || config.mdnsUseMdns;
  if (problem === null || isKnown) return;
  throw VirtualMediaBootFailed(`${problem}, and nothing else names a conductor`, {
    hint: 'attach the virtual floppy that Ironic made, or pass ipa-api-url to the kernel',
  });
}

async function firstConfiguration(world: World, commandLine: CommandLine): Promise<Resolved | null> {
  try {
    return await readConfiguration(world, commandLine);
  } catch (error) {
    // A medium may bring the file that corrects this; the second reading tells.
    if (InvalidOption.is(error)) return null;
    throw error;
  }
}

/** Virtual media first, then the configuration. @throws InvalidOption, VirtualMediaBootError */
export async function readBoot(world: World, request: BootRequest, signal: AbortSignal): Promise<Boot> {
  const { commandLine, purpose, open } = request;
  const kernel = await kernelLine(world.files);
  const ports = open(await firstConfiguration(world, commandLine));
  const media = await (purpose === 'agent' ? takeBootMedia : lookAtBootMedia)(ports, kernel, signal);
  const resolved = await readConfiguration({ ...world, media }, commandLine);
  if (purpose === 'agent') requireContact(media, resolved);
  return { resolved, parameters: bootParameters(kernel, media.floppy).values };
}
