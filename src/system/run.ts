import { type AgentError, type Log, MiB, reasonOf } from '../core/index.ts';
import { ToolFailed, ToolMissing, ToolTimedOut } from './errors.ts';
import { createGroups, type Ended, type Groups, keeperOf, runProgram } from './program/index.ts';
import { shownArgv, type Tool, type ToolFacts, type ToolOutput, type Tools, titleOf } from './tool.ts';
import { prlimit, withinMemory } from './tools/prlimit.ts';

const TAIL_LINES = 40;
const tail = (text: string) => text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1) ?? '';

interface Outcome extends Ended {
  readonly stdout: Uint8Array;
  readonly stderr: string;
  /** Output was lost, as the tool allows. */
  readonly cut: boolean;
}

const MAX_OUTPUT = 32 * MiB;

async function start<I>(tool: Tool<I, unknown>, input: I, groups: Groups, signal?: AbortSignal): Promise<Outcome> {
  const { overflow = 'fail', maxOutputBytes = MAX_OUTPUT, heard } = tool;
  const limit = tool.memoryLimit?.(input);
  const argv = tool.argv(input);
  const [file, args] = limit === undefined ? [tool.bin, argv] : withinMemory(limit, tool.bin, argv);
  const keep = { stdout: keeperOf(overflow, maxOutputBytes), stderr: keeperOf(overflow, maxOutputBytes) };
  const ended = await runProgram(
    {
      file,
      args,
      env: { LC_ALL: 'C', LANG: 'C', ...tool.env },
      stdin: tool.stdin?.(input) ?? null,
      timeoutMs: tool.timeoutMs,
      keep,
      heard: heard === undefined ? null : (piece) => heard(piece.toString('utf8'), input),
    },
    groups,
    signal,
  );
  const [out, err] = [keep.stdout.output(), keep.stderr.output()];
  const cut = out.cut || err.cut;
  return { ...judged(ended, tool, cut), stdout: out.bytes, stderr: Buffer.from(err.bytes).toString('utf8'), cut };
}

/** A program whose output was enough was ended by us, which is no failure of its own; too much output is one. */
function judged({ exitCode, ...ended }: Ended, { overflow = 'fail', maxOutputBytes }: ToolFacts, cut: boolean): Ended {
  if (cut && overflow === 'first') return { ...ended, exitCode: 0 };
  if (cut && overflow === 'fail')
    return { ...ended, failure: `it printed more than ${maxOutputBytes ?? MAX_OUTPUT} bytes` };
  return exitCode === undefined ? ended : { ...ended, exitCode };
}

/** Facts of the failed call for the wire and the log: argv, exit, duration, the last lines of stderr. */
function failure<I>(tool: Tool<I, unknown>, input: I, out: Outcome): AgentError {
  const command = titleOf(tool, input);
  const data = {
    command: [tool.bin, ...shownArgv(tool, input)].join(' '),
    exit_code: out.exitCode ?? null,
    duration_ms: out.durationMs,
    stderr_tail: tail(out.stderr),
  };
  if (out.code === 'ENOENT') {
    const { bin, packages } = tool.memoryLimit === undefined ? tool : prlimit;
    return ToolMissing(`${bin} is not installed`, { hint: `the ramdisk needs package ${packages.debian}`, data });
  }
  if (out.timedOut) return ToolTimedOut(`${command} did not finish within ${tool.timeoutMs / 1000} s`, { data });
  const why =
    out.failure ?? (lastLine(out.stderr) || lastLine(Buffer.from(out.stdout).toString('utf8')) || 'no output');
  const end = out.exitCode === undefined ? `was ended by ${out.signal ?? 'a fault'}` : `exited ${out.exitCode}`;
  return ToolFailed(`${command} ${end}: ${why}`, { data });
}

export function createTools(log: Log): Tools {
  const groups = createGroups();
  return {
    async run<I, O>(tool: Tool<I, O>, input: I, signal?: AbortSignal): Promise<O> {
      const argv = shownArgv(tool, input);
      const level = tool.effect === 'destroys' ? 'info' : 'debug';
      log[level]('tool.start', { bin: tool.bin, argv, effect: tool.effect });
      const out = await start(tool, input, groups, signal);
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
