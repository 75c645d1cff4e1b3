import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { type AgentError, type Log, MiB, reasonOf } from '../core/index.ts';
import { ToolFailed, ToolMissing, ToolTimedOut } from './errors.ts';
import { type Tool, type ToolOutput, type Tools, titleOf } from './tool.ts';
import { prlimit, withinMemory } from './tools/prlimit.ts';

const TAIL_LINES = 40;
const tail = (text: string) => text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1) ?? '';

interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
  readonly code?: string;
  readonly signal?: string;
  readonly durationMs: number;
  readonly failure?: string;
  /** Output was lost, as the tool allows. */
  readonly cut: boolean;
}

const MAX_OUTPUT = 32 * MiB;

/** Keeps the last `limit` bytes of a stream, however long it gets. */
function newestOf(stream: Readable, limit: number): () => { readonly bytes: Uint8Array; readonly cut: boolean } {
  const chunks: Buffer[] = [];
  let kept = 0;
  let seen = 0;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    kept += chunk.byteLength;
    seen += chunk.byteLength;
    for (let oldest = chunks[0]; oldest !== undefined && kept - oldest.byteLength >= limit; oldest = chunks[0]) {
      kept -= oldest.byteLength;
      chunks.shift();
    }
  });
  return () => ({ bytes: Buffer.concat(chunks).subarray(-limit), cut: seen > limit });
}

type Streams = Readonly<Record<'stdout' | 'stderr', Readable | null>>;

/** Both streams: a program that talks without end on the other one would be ended for it. */
const newestOfBoth = ({ stdout, stderr }: Streams, limit: number) =>
  stdout === null || stderr === null ? null : { out: newestOf(stdout, limit), err: newestOf(stderr, limit) };

async function start<I>(tool: Tool<I, unknown>, input: I, cancelSignal?: AbortSignal): Promise<Outcome> {
  const { overflow = 'fail', maxOutputBytes = MAX_OUTPUT } = tool;
  const limit = tool.memoryLimit?.(input);
  const argv = tool.argv(input);
  const [file, args] = limit === undefined ? [tool.bin, argv] : withinMemory(limit, tool.bin, argv);
  const running = execa(file, args, {
    reject: false,
    timeout: tool.timeoutMs,
    forceKillAfterDelay: 2000,
    maxBuffer: maxOutputBytes,
    buffer: { stdout: overflow !== 'newest', stderr: overflow !== 'newest' },
    encoding: 'buffer',
    stripFinalNewline: false,
    env: { LC_ALL: 'C', LANG: 'C', ...tool.env },
    ...(tool.stdin === undefined ? { stdin: 'ignore' as const } : { input: tool.stdin(input) }),
    ...(cancelSignal === undefined ? {} : { cancelSignal }),
  });
  const newest = overflow === 'newest' ? newestOfBoth(running, maxOutputBytes) : null;
  if (tool.heard !== undefined)
    running.stdout?.on('data', (piece: Buffer) => tool.heard?.(piece.toString('utf8'), input));
  const result = await running;
  const out = newest?.out() ?? {
    bytes: result.stdout ?? new Uint8Array(),
    cut: overflow === 'first' && result.isMaxBuffer,
  };
  const err = newest?.err() ?? { bytes: result.stderr ?? new Uint8Array(), cut: false };
  return {
    // A program whose output was enough was ended by us, which is no failure of its own.
    exitCode: overflow === 'first' && result.isMaxBuffer ? 0 : result.exitCode,
    stdout: out.bytes,
    cut: out.cut || err.cut,
    stderr: Buffer.from(err.bytes).toString('utf8'),
    timedOut: result.timedOut,
    isCanceled: result.isCanceled,
    durationMs: Math.round(result.durationMs),
    ...(result.code === undefined ? {} : { code: result.code }),
    ...(result.signal === undefined ? {} : { signal: result.signal }),
    ...(result.failed && result.originalMessage !== undefined ? { failure: result.originalMessage } : {}),
  };
}

/** Facts of the failed call for the wire and the log: argv, exit, duration, the last lines of stderr. */
function failure<I>(tool: Tool<I, unknown>, input: I, out: Outcome): AgentError {
  const command = titleOf(tool, input);
  const data = {
    command: [tool.bin, ...tool.argv(input)].join(' '),
    exit_code: out.exitCode ?? null,
    duration_ms: out.durationMs,
    stderr_tail: tail(out.stderr),
  };
  if (out.code === 'ENOENT') {
    const { bin, packages } = tool.memoryLimit === undefined ? tool : prlimit;
    return ToolMissing(`${bin} is not installed`, { hint: `the ramdisk needs package ${packages.debian}`, data });
  }
  if (out.timedOut) return ToolTimedOut(`${command} did not finish within ${tool.timeoutMs / 1000} s`, { data });
  const why = lastLine(out.stderr) || lastLine(Buffer.from(out.stdout).toString('utf8')) || out.failure || 'no output';
  const end = out.exitCode === undefined ? `was ended by ${out.signal ?? 'a fault'}` : `exited ${out.exitCode}`;
  return ToolFailed(`${command} ${end}: ${why}`, { data });
}

export function createTools(log: Log): Tools {
  return {
    async run<I, O>(tool: Tool<I, O>, input: I, signal?: AbortSignal): Promise<O> {
      const argv = tool.argv(input);
      const level = tool.effect === 'destroys' ? 'info' : 'debug';
      log[level]('tool.start', { bin: tool.bin, argv, effect: tool.effect });
      const out = await start(tool, input, signal);
      if (out.isCanceled) throw signal?.reason ?? new Error('cancelled');
      const ok = out.exitCode !== undefined && (tool.okExits ?? [0]).includes(out.exitCode) && !out.timedOut;
      log.debug('tool.end', { bin: tool.bin, exitCode: out.exitCode, durationMs: out.durationMs, ok });
      if (!ok || out.exitCode === undefined) throw failure(tool, input, out);
      const stdout = Buffer.from(out.stdout.buffer, out.stdout.byteOffset, out.stdout.byteLength).toString('utf8');
      const output: ToolOutput = {
        exitCode: out.exitCode,
        stdout,
        stderr: out.stderr,
        bytes: out.stdout,
        cut: out.cut,
      };
      try {
        return tool.parse(output, input);
      } catch (error) {
        throw ToolFailed(`${titleOf(tool, input)} printed something unexpected: ${reasonOf(error)}`, {
          cause: error,
          data: { stdout_tail: tail(stdout) },
        });
      }
    },
  };
}
