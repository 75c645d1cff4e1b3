import type { Tool, Tools } from '../../src/system/index.ts';
import { ToolFailed } from '../../src/system/index.ts';

/** One call of a program as it was seen: command line, output, exit code (default 0). */
export interface RecordedCall {
  readonly argv: readonly string[];
  /** Text, or its lines. */
  readonly out?: string | readonly string[];
  readonly err?: string;
  readonly exit?: number;
}

export interface RecordedTools extends Tools {
  /** Command lines in the order in which they were asked. */
  readonly asked: readonly string[];
  /** Recorded calls that nobody asked for. */
  readonly unused: () => readonly string[];
}

/** Plays calls back, each once. A call that was not recorded fails, so a changed command line is always seen. */
export function recordedTools(recording: readonly RecordedCall[]): RecordedTools {
  const queue = [...recording];
  const asked: string[] = [];
  return {
    asked,
    unused: () => queue.map((call) => call.argv.join(' ')),
    async run<I, O>(tool: Tool<I, O>, input: I): Promise<O> {
      const command = [tool.bin, ...tool.argv(input)].join(' ');
      asked.push(command);
      const at = queue.findIndex((call) => call.argv.join(' ') === command);
      const [hit] = at < 0 ? [] : queue.splice(at, 1);
      if (hit === undefined) throw new Error(`not recorded: ${command}`);
      const { err = '', exit = 0 } = hit;
      const out = typeof hit.out === 'string' ? hit.out : (hit.out ?? []).join('\n');
      if (!(tool.okExits ?? [0]).includes(exit))
        throw ToolFailed(`${command} exited ${exit}: ${err}`, { data: { stderr_tail: err } });
      return tool.parse({ exitCode: exit, stdout: out, stderr: err, bytes: Buffer.from(out) }, input);
    },
  };
}
