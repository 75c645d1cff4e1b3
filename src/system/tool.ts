import { maskedWords } from '../core/index.ts';

import type { Overflow } from './program/index.ts';

export interface ToolOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Raw standard output; equals `stdout` in bytes. */
  readonly bytes: Uint8Array;
  /** There was more than `maxOutputBytes`; `overflow` says what is kept. */
  readonly cut?: boolean;
}

/** The declared facts of one way to call an external program. */
export interface ToolFacts {
  readonly bin: string;
  /** The package that brings `bin`; the ramdisk's package list derives from it. */
  readonly packages: { readonly debian: string; readonly redhat: string };
  /** False: used where an image has it, but not put into our ramdisk. */
  readonly shipped?: false;
  /** `destroys` calls are written to the audit log before they start. */
  readonly effect: 'reads' | 'changes' | 'destroys';
  readonly timeoutMs: number;
  /** Exit codes that are not failures; default `[0]`. */
  readonly okExits?: readonly number[];
  /** Standard output beyond this is a failure, or lost, as `overflow` says; default 32 MiB. */
  readonly maxOutputBytes?: number;
  /**
   * What of a longer output is kept: nothing (the call fails), the first bytes (the program is ended), the newest bytes
   * (of standard error as well).
   */
  readonly overflow?: Overflow;
  /** Its options may hold secrets: logs and errors show them masked. */
  readonly masked?: true;
  /** Added to the environment of the program. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Tool<I, O> extends ToolFacts {
  /** A list, never a shell line. */
  readonly argv: (input: I) => readonly string[];
  /** The call in errors, where its command line is long and says little; default: the command line. */
  readonly title?: (input: I) => string;
  readonly stdin?: (input: I) => string | Uint8Array;
  /** Bound on the address space of the program in bytes; what goes beyond fails inside of it. */
  readonly memoryLimit?: (input: I) => number;
  /** Gets standard output piece by piece while the program runs: progress becomes data here. */
  readonly heard?: (text: string, input: I) => void;
  /** Text becomes typed data here and nowhere else. */
  readonly parse: (out: ToolOutput, input: I) => O;
}

export function defineTool<I, O>(tool: Tool<I, O>): Tool<I, O> {
  return tool;
}

type Titled<I> = Pick<Tool<I, unknown>, 'bin' | 'argv' | 'title' | 'masked'>;

/** Its arguments for people. */
export const shownArgv = <I>({ argv, masked }: Titled<I>, input: I): readonly string[] =>
  masked === true ? maskedWords(argv(input)) : argv(input);

export const titleOf = <I>(tool: Titled<I>, input: I): string =>
  tool.title?.(input) ?? [tool.bin, ...shownArgv(tool, input)].join(' ');

/** The only way to start a program. */
export interface Tools {
  /** @throws ToolMissing, ToolFailed, ToolTimedOut, or what `parse` throws */
  run<I, O>(tool: Tool<I, O>, input: I, signal?: AbortSignal): Promise<O>;
}
