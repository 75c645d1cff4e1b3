import { KiB, MiB } from '../../core/index.ts';
import { defineTool, type ToolOutput } from '../tool.ts';

/** Every container that a step started carries it, so that those of an agent that died are found. */
const LABEL = 'ironic-node-agent=step';
/** No call lasts longer; what is allowed of it is the caller's to say. Longer timers do not exist. */
const LONGEST_MS = 20 * 24 * 3600 * 1000;
const OUTPUT_BYTES = 256 * KiB;
const anyExit = Array.from({ length: 256 }, (_none, code) => code);

export interface ContainerRun {
  /** Unless the options say another one. */
  readonly name: string;
  /** Ours; the options may overrule them. */
  readonly before: readonly string[];
  readonly options: readonly string[];
  readonly image: string;
}

/** How a container ended; of each stream the newest 256 KiB. */
export type ContainerEnd = Pick<ToolOutput, 'exitCode' | 'stdout' | 'stderr' | 'cut'>;

const trimmed = ({ stdout }: ToolOutput): string => stdout.trim();
const nothing = () => undefined;

interface RunnerFacts {
  readonly bin: string;
  readonly packages: { readonly debian: string; readonly redhat: string };
}

const factsOf = ({ bin, packages }: RunnerFacts) => {
  const common = { bin, packages, shipped: false, masked: true, maxOutputBytes: MiB, timeoutMs: 60_000 } as const;
  return { reads: { ...common, effect: 'reads' }, changes: { ...common, effect: 'changes' } } as const;
};

const imageTools = ({ reads, changes }: ReturnType<typeof factsOf>) => ({
  version: defineTool({ ...reads, timeoutMs: 20_000, argv: () => ['--version'], parse: trimmed }),
  /** Null: there is no such image on this machine. */
  imageId: defineTool({
    ...reads,
    okExits: anyExit,
    argv: (i: { readonly image: string }) => ['image', 'inspect', '--format', '{{.Id}}', i.image],
    parse: (out) => (out.exitCode === 0 && trimmed(out) !== '' ? trimmed(out) : null),
  }),
  pull: defineTool({
    ...changes,
    timeoutMs: LONGEST_MS,
    overflow: 'newest',
    argv: (i: { readonly image: string; readonly options: readonly string[] }) => ['pull', ...i.options, i.image],
    parse: nothing,
  }),
  /** Fails for an image that is in use. */
  removeImage: defineTool({
    ...changes,
    argv: (i: { readonly image: string }) => ['rmi', i.image],
    parse: nothing,
  }),
});

const containerTools = ({ reads, changes }: ReturnType<typeof factsOf>) => ({
  /** What a container does is not known: it counts as what destroys. */
  run: defineTool({
    ...changes,
    effect: 'destroys',
    timeoutMs: LONGEST_MS,
    okExits: anyExit,
    maxOutputBytes: OUTPUT_BYTES,
    overflow: 'newest',
    argv: ({ name, before, options, image }: ContainerRun) => [
      'run',
      `--name=${name}`,
      `--label=${LABEL}`,
      // What was pulled and allowed, and nothing that a registry may give a moment later.
      '--pull=never',
      ...before,
      ...options,
      image,
    ],
    parse: ({ exitCode, stdout, stderr, cut = false }): ContainerEnd => ({ exitCode, stdout, stderr, cut }),
  }),
  kill: defineTool({ ...changes, argv: (i: { readonly name: string }) => ['kill', i.name], parse: nothing }),
  /** Also what still runs. */
  remove: defineTool({
    ...changes,
    argv: (i: { readonly names: readonly string[] }) => ['rm', '--force', ...i.names],
    parse: nothing,
  }),
  /** Ids of all containers of steps, ended ones as well. */
  leftovers: defineTool({
    ...reads,
    argv: () => ['ps', '--all', '--quiet', '--filter', `label=${LABEL}`],
    parse: (out) => trimmed(out).split(/\s+/).filter(Boolean),
  }),
});

function runnerOf(runner: RunnerFacts) {
  const facts = factsOf(runner);
  return { ...imageTools(facts), ...containerTools(facts) };
}

export type ContainerRunner = ReturnType<typeof runnerOf>;

/** Programs that run containers; an image has one of them where steps in containers are wanted. */
export const containerRunners: Readonly<Record<'podman' | 'docker', ContainerRunner>> = {
  podman: runnerOf({ bin: 'podman', packages: { debian: 'podman', redhat: 'podman' } }),
  docker: runnerOf({ bin: 'docker', packages: { debian: 'docker.io', redhat: 'moby-engine' } }),
};
