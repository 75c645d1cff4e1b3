import { execa } from 'execa';
import { MiB } from '../../src/core/index.ts';
import { CommandFailed, HostNotReady } from './errors.ts';
import { type Program, programPackages } from './packages.ts';

export interface CommandOptions {
  readonly timeoutMs?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

export interface CommandOutput {
  readonly stdout: string;
  readonly bytes: Uint8Array;
}

const TAIL_LINES = 15;
const tail = (text: string) => text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');

/**
 * Runs one short program of the host to its end.
 * @throws HostNotReady when it is not installed, CommandFailed when it exits other than 0 or runs over its time.
 */
export async function runCommand(
  program: Program,
  args: readonly string[],
  options: CommandOptions = {},
  signal?: AbortSignal,
): Promise<CommandOutput> {
  const timeout = options.timeoutMs ?? 60_000;
  const result = await execa(program, args, {
    reject: false,
    timeout,
    encoding: 'buffer',
    maxBuffer: 256 * MiB,
    stripFinalNewline: false,
    env: { LC_ALL: 'C', ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (result.isCanceled) throw signal?.reason ?? new Error('cancelled');
  if (result.code === 'ENOENT') throw missing(program);
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? new Uint8Array()).toString('utf8');
  const line = [program, ...args].join(' ');
  if (result.timedOut) throw CommandFailed(`${line} did not finish within ${timeout / 1000} s`);
  if (result.exitCode !== 0)
    throw CommandFailed(`${line} exited ${result.exitCode ?? result.signal}: ${tail(text(result.stderr))}`);
  const bytes = result.stdout ?? new Uint8Array();
  return { stdout: text(bytes), bytes };
}

const missing = (program: Program) =>
  HostNotReady(`${program} is not installed`, { hint: `install: apt-get install ${programPackages[program]}` });
