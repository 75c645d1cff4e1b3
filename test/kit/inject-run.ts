/**
 * The step inject_files as a program of its own: it is started in a mount namespace. The root disk is a loop device.
 * The argument names a file with the order. Prints one JSON object.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { AgentError } from '../../src/core/index.ts';
import { createFiles, createTools, systemClock, type Tool, type Tools } from '../../src/system/index.ts';
import { agentPortsOn } from './agent-ports.ts';
import { testSettings } from './image-ports.ts';
import { run } from './loop-device.ts';

export interface InjectRunRequest {
  readonly disk: string;
  readonly node?: Readonly<Record<string, unknown>>;
  readonly ports?: unknown;
  readonly args?: unknown;
  readonly cafile?: string;
}

const request: InjectRunRequest = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const events: { readonly event: string; readonly fields: unknown }[] = [];
const note = (event: string, fields?: unknown) => void events.push({ event, fields });
const log = { debug: note, info: note, warn: note, error: note };
const real = createTools(log);

/** The one disk that lsblk shows; the agent itself never takes a loop device for one. */
function lsblk(argv: readonly string[]): string {
  return run('lsblk', ...argv, request.disk).replaceAll(/("type":\s*)"loop"/g, '$1"disk"');
}

const tools: Tools = {
  async run<I, O>(tool: Tool<I, O>, input: I, signal?: AbortSignal): Promise<O> {
    if (tool.bin !== 'lsblk') return real.run(tool, input, signal);
    const stdout = lsblk(tool.argv(input));
    return tool.parse({ exitCode: 0, stdout, stderr: '', bytes: Buffer.from(stdout) }, input);
  },
};

const machine = { tools, files: createFiles(), clock: systemClock, log };
const image = { ...testSettings, tls: { ...testSettings.tls, cafile: request.cafile ?? null } };
const { ports } = agentPortsOn(machine, { image });
const outcome = await ports.catalogue
  .run('deploy', 'inject_files', request.args ?? {}, {
    ports,
    node: { ...request.node, instance_info: { root_device: { name: request.disk } } },
    portRecords: request.ports,
    signal: AbortSignal.timeout(60_000),
    progress: (news) => note('progress', news),
    log,
  })
  .then(
    (result) => ({ result }),
    (error: unknown) => (error instanceof AgentError ? { type: error.type, details: error.details } : String(error)),
  );
const left = readFileSync('/proc/self/mounts', 'utf8')
  .split('\n')
  .filter((line) => line.includes(' /tmp/mount-'));
const folders = readdirSync('/tmp').filter((name) => name.startsWith('mount-'));
process.stdout.write(JSON.stringify({ outcome, events, left: [...left, ...folders] }));
