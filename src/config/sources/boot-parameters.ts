import type { AnyOption } from '../option.ts';
import { type KernelParameters, parseKernelLine } from './kernel.ts';

/** Parameters of a virtual floppy, in the syntax of the kernel command line. */
export interface FloppyParameters {
  /** `/dev/sdb` */
  readonly device: string;
  readonly text: string;
}

export interface BootParameters {
  readonly values: KernelParameters;
  /** For people: `kernel parameter ipa-debug`. */
  readonly originOf: (name: string) => string;
}

const ofKernel = (name: string) => `kernel parameter ${name}`;
const ofFloppy = (name: string, device: string) => `parameter ${name} of the virtual floppy ${device}`;

/** The kernel command line, and over it the parameters of a virtual floppy (protocol.md 2.4). */
export function bootParameters(line: string, floppy: FloppyParameters | null): BootParameters {
  const kernel = parseKernelLine(line);
  const over = floppy === null ? new Map<string, string>() : parseKernelLine(floppy.text);
  return {
    values: new Map([...kernel, ...over]),
    originOf: (name) => (floppy !== null && over.has(name) ? ofFloppy(name, floppy.device) : ofKernel(name)),
  };
}

/** Whether a value came by a kernel parameter of earlier times; `origin` is that of the resolved value. */
export const isOldKernelOrigin = ({ oldKernel }: AnyOption, origin: string): boolean =>
  oldKernel.some((name) => origin === ofKernel(name) || origin.startsWith(ofFloppy(name, '')));
