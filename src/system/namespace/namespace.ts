import { once } from 'node:events';
import { execa } from 'execa';
import { type Log, reasonOf } from '../../core/index.ts';
import { ToolFailed } from '../errors.ts';
import { createFiles, type Files } from '../files.ts';
import { createTools } from '../run.ts';
import { type Tool, type Tools, titleOf } from '../tool.ts';

/** A place for mounts and programs of which the rest of the machine sees nothing. */
export interface Namespace {
  /** Programs that are started inside: they see its mounts, and no network. */
  readonly tools: Tools;
  /** The files of the machine with the mounts inside; `real` is of no use here. */
  readonly files: Files;
  /** Ends it: what is still mounted inside is unmounted by the kernel, last mount first. Never fails. */
  close(): Promise<void>;
}

/** Opens namespaces; a port, since it starts a program. */
export interface Namespaces {
  /** @throws ToolFailed */
  open(signal?: AbortSignal): Promise<Namespace>;
}

const START_MS = 30_000;
const MAX_COMPLAINT = 1_000;
const UTIL_LINUX = { debian: 'util-linux', redhat: 'util-linux' } as const;
const KINDS = ['--mount', '--net', '--ipc', '--uts'] as const;

interface Holder {
  readonly pid: number;
  readonly end: () => Promise<void>;
}

/** The same call, made inside. */
const entered = <I, O>(tool: Tool<I, O>, pid: number): Tool<I, O> => ({
  ...tool,
  bin: 'nsenter',
  packages: UTIL_LINUX,
  title: (input) => titleOf(tool, input),
  argv: (input) => ['--target', String(pid), ...KINDS, '--', tool.bin, ...tool.argv(input)],
});

/**
 * Nothing but a process whose end is the end of the namespace. It reads from us, so that it ends with the agent however
 * that ends, and answers, so that we know when it is in its namespace.
 */
async function startHolder(signal?: AbortSignal): Promise<Holder> {
  const holder = execa('unshare', [...KINDS, '--propagation', 'private', '--', 'cat'], {
    reject: false,
    stdin: 'pipe',
    buffer: false,
    env: { LC_ALL: 'C', LANG: 'C' },
  });
  let complaint = '';
  holder.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString('utf8')}`.slice(-MAX_COMPLAINT);
  });
  const ended = holder.then(() => undefined);
  const end = () => {
    holder.kill('SIGKILL');
    return ended;
  };
  const early = ended.then(() => Promise.reject(new Error(complaint.trim() || 'its process ended at once')));
  early.catch(() => undefined);
  const limit = AbortSignal.any([AbortSignal.timeout(START_MS), ...(signal === undefined ? [] : [signal])]);
  try {
    holder.stdin.on('error', () => undefined);
    holder.stdin.write('.');
    await Promise.race([once(holder.stdout, 'data', { signal: limit }), early]);
    if (holder.pid === undefined) throw new Error('its process has no number');
    return { pid: holder.pid, end };
  } catch (error) {
    await end();
    signal?.throwIfAborted();
    throw ToolFailed(`no namespace for mounts can be made: ${reasonOf(error)}`, {
      cause: error,
      hint: 'the kernel of the ramdisk needs namespaces, and unshare of package util-linux',
    });
  }
}

/** Inside, the mounts are those of the holder. */
function filesInside(pid: number): Files {
  const inside = createFiles(`/proc/${pid}/root`);
  const outside = createFiles();
  return {
    ...inside,
    textOrNull: (path) =>
      path === '/proc/self/mountinfo' ? outside.textOrNull(`/proc/${pid}/mountinfo`) : inside.textOrNull(path),
    // Folders are the same on both sides as long as nothing is mounted there.
    makeTempDir: (prefix) => outside.makeTempDir(prefix),
  };
}

export function createNamespaces(log: Log): Namespaces {
  const tools = createTools(log);
  return {
    async open(signal) {
      const { pid, end } = await startHolder(signal);
      return {
        tools: { run: (tool, input, cancel) => tools.run(entered(tool, pid), input, cancel) },
        files: filesInside(pid),
        close: end,
      };
    },
  };
}
