/**
 * The start of the agent on virtual media, as a program of its own: it is started in a mount namespace, with a /etc of its
 * own. The media are loop devices; lsblk is told that they are CDs or disks. Prints one JSON object.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseCommandLine } from '../../src/config/index.ts';
import { reasonOf } from '../../src/core/index.ts';
import { readBoot } from '../../src/runtime/index.ts';
import { createFiles, createTools, systemClock, type Tool, type Tools } from '../../src/system/index.ts';
import { run } from './loop-device.ts';

interface Request {
  readonly kernel: string;
  /** What lsblk says each device is. */
  readonly media: readonly { readonly device: string; readonly type: 'rom' | 'disk' | 'part'; readonly tran: string }[];
}

const { kernel, media }: Request = JSON.parse(process.argv[2] ?? '{}');
const events: { readonly event: string; readonly fields: unknown }[] = [];
const note = (event: string, fields?: unknown) => void events.push({ event, fields });
const log = { debug: () => undefined, info: note, warn: note, error: note };

const blkid = (device: string, tag: string) => run('blkid', '-p', '-s', tag, '-o', 'value', device).trim();

/** As lsblk prints it on a machine with udev, for our devices only. */
function lsblk(argv: readonly string[]): string {
  if (argv.includes('--json')) {
    const rows = media.map(({ device }) => ({
      ...{ kname: device, label: blkid(device, 'LABEL'), fstype: blkid(device, 'TYPE') },
    }));
    return JSON.stringify({ blockdevices: rows });
  }
  const found = media.find(({ device }) => argv.includes(device));
  const bytes = run('blockdev', '--getsize64', found?.device ?? '').trim();
  return `KNAME="${found?.device}" TRAN="${found?.tran}" TYPE="${found?.type}" SIZE="${bytes}"\n`;
}

const real = createTools(log);
const tools: Tools = {
  async run<I, O>(tool: Tool<I, O>, input: I, signal?: AbortSignal): Promise<O> {
    const stdout = tool.bin === 'lsblk' ? lsblk(tool.argv(input)) : '';
    if (tool.bin !== 'lsblk' && tool.bin !== 'udevadm') return real.run(tool, input, signal);
    return tool.parse({ exitCode: 0, stdout, stderr: '', bytes: Buffer.from(stdout) }, input);
  },
};

/** Files below /etc with their content and mode. */
function etc(): Record<string, string> {
  const paths = readdirSync('/etc', { recursive: true, encoding: 'utf8' }).map((path) => join('/etc', path));
  const files = paths.filter((path) => statSync(path).isFile());
  return Object.fromEntries(
    files.map((path) => [path, `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, 'utf8')}`]),
  );
}

const machine = createFiles();
const files: typeof machine = {
  ...machine,
  textOrNull: (path) => (path === '/proc/cmdline' ? Promise.resolve(kernel) : machine.textOrNull(path)),
};
const face = { program: 'x', commands: [{ name: 'agent', doc: '' }], switches: [] };
const commandLine = parseCommandLine(['agent', '--config-dir', '/etc/ironic-python-agent.d/'], face);
/** Waits for devices and pauses between attempts pass twenty times as fast. */
const HASTE = 20;
const clock = {
  ...systemClock,
  monotonic: () => systemClock.monotonic() * HASTE,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / HASTE, signal),
};
const ports = { tools, files, clock, log };
const signal = AbortSignal.timeout(60_000);
const outcome = await readBoot({ files, env: {} }, { commandLine, purpose: 'agent', open: () => ports }, signal).then(
  ({ resolved: { config, origins } }) => ({
    apiUrl: config.apiUrl,
    cafile: config.cafile,
    origins: [origins.apiUrl, origins.cafile],
  }),
  (error: unknown) => ({ error: reasonOf(error) }),
);
const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
const left = mounts.filter((line) => / \/(tmp\/mount-|mnt\/(cd|config) )/.test(line)).map((line) => line.split(' ')[1]);
process.stdout.write(JSON.stringify({ outcome, events, etc: etc(), left }));
