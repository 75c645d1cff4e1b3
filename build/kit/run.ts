import { execa } from 'execa';

/** A failure that a person can act on; shown without a stack. */
export class BuildFailed extends Error {
  override name = 'BuildFailed';
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Stop the program after this long; default ten minutes. */
  readonly timeoutMs?: number;
  /** The next step for the person who sees the failure. */
  readonly hint?: string;
  /** Each line of both outputs goes here as it comes. */
  readonly onLine?: (line: string) => void;
  /** Also ends everything that the program started. */
  readonly signal?: AbortSignal;
}

const tail = (text: string, lines: number) => text.trimEnd().split('\n').slice(-lines).join('\n');

/** Runs a program of the build machine and returns its standard output. @throws BuildFailed */
export async function run(bin: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = execa(bin, args, {
    reject: false,
    stdin: 'ignore',
    all: true,
    timeout: options.timeoutMs ?? 600_000,
    forceKillAfterDelay: 5_000,
    maxBuffer: 64 * 1024 * 1024,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  if (options.onLine !== undefined) for await (const line of child.iterable({ from: 'all' })) options.onLine(line);
  const out = await child;
  if (!out.failed) return out.stdout;
  options.signal?.throwIfAborted();
  if (out.code === 'ENOENT') throw new BuildFailed(`${bin} is not installed; run: npm run bootstrap`);
  const why = out.timedOut ? `did not finish in ${(options.timeoutMs ?? 600_000) / 1000} s` : `exited ${out.exitCode}`;
  const hint = options.hint === undefined ? '' : `\n${options.hint}`;
  throw new BuildFailed(`${bin} ${args.slice(0, 4).join(' ')} ${why}\n${tail(out.all, 20)}${hint}`);
}
