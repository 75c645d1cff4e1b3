import { parseArgs } from 'node:util';
import { type Static, Type } from 'typebox';
import { fits, parse } from '../../src/core/index.ts';
import { parseVersion } from '../conductor/index.ts';
import { LabUsage } from './errors.ts';
import { DISK_BUSES, DiskSpec } from './spec.ts';

interface OptionFacts {
  readonly value: string | null;
  readonly doc: string;
  readonly multiple?: boolean;
}

/** Every option of `npm start` and `npm run lab`, once: parser and help come from here. */
const TABLE = {
  firmware: { value: 'bios|uefi', doc: 'Firmware of the server (default uefi).' },
  disk: {
    value: 'BUS:MIB[:SERIAL]',
    multiple: true,
    doc: `Repeatable. BUS: ${DISK_BUSES.join(', ')} (default nvme:5120 virtio:8192).`,
  },
  image: { value: 'URL|FILE', doc: 'Whole-disk image to deploy (default: a small system of our own, built here).' },
  'image-format': {
    value: 'FORMAT',
    doc: 'raw or qcow2; of our own image also qcow2-deflate or qcow2-zstd (default).',
  },
  'partition-image': {
    value: null,
    doc: 'The image is a root file system; the agent makes the partitions (embedded conductor only).',
  },
  expect: { value: 'REGEX', doc: 'What the serial console of a foreign image must show once (default: login:).' },
  hints: { value: 'JSON', doc: 'Root device hints, e.g. \'{"serial": "LAB-DISK-2"}\'.' },
  'api-version': { value: '1.N', doc: 'Newest API version of the embedded conductor, 1.82 to 1.115 (default 1.115).' },
  memory: { value: 'MIB', doc: 'Memory of the server (default 2048).' },
  'fast-track': {
    value: null,
    doc: 'One ramdisk boot for inspect, clean and deploy (default); --no-fast-track: three.',
  },
  until: { value: 'STAGE', doc: 'Stop after inspect, clean or deploy (default deploy, which includes the boot).' },
  ironic: { value: null, doc: 'Use the real Ironic 2023.1 of Debian as the conductor; it requires TLS.' },
  inspector: { value: null, doc: 'With --ironic: inspect through the real ironic-inspector 11.1.' },
  rescue: {
    value: null,
    doc: 'With --ironic: after the deployment rescue the server, log in by SSH, and unrescue it.',
  },
  'kill-agent': { value: null, doc: 'With --ironic: kill the agent before the deployment, which must go on with it.' },
  'disable-power-off': {
    value: null,
    doc: 'Embedded conductor: the agent is locked and the server reset, not powered off.',
  },
  keep: { value: null, doc: 'Leave the server running at the end, until Ctrl-C.' },
  console: { value: null, doc: 'With --keep: show the serial console of the server.' },
  'work-dir': { value: 'FOLDER', doc: 'Disks and logs go there (default .cache/lab/run, emptied first).' },
  'boot-timeout': { value: 'SECONDS', doc: 'How long one boot may take (default 600).' },
  json: { value: null, doc: 'Print one JSON report on standard output; progress goes to standard error.' },
  debug: { value: null, doc: 'Write debug logs of the lab and of the agent.' },
  help: { value: null, doc: 'Show this text.' },
} as const satisfies Readonly<Record<string, OptionFacts>>;

const Until = Type.Union([Type.Literal('inspect'), Type.Literal('clean'), Type.Literal('deploy')]);
const ImageFormat = Type.Union([
  Type.Literal('raw'),
  Type.Literal('qcow2'),
  Type.Literal('qcow2-deflate'),
  Type.Literal('qcow2-zstd'),
]);

export interface LabOptions {
  readonly firmware: 'bios' | 'uefi';
  readonly disks: readonly DiskSpec[];
  readonly image: string | null;
  readonly imageFormat: Static<typeof ImageFormat> | null;
  readonly partitionImage: boolean;
  readonly expect: string;
  readonly hints: Readonly<Record<string, unknown>> | null;
  readonly apiVersion: number;
  readonly memoryMiB: number;
  readonly fastTrack: boolean;
  readonly until: Static<typeof Until>;
  readonly ironic: boolean;
  readonly inspector: boolean;
  readonly rescue: boolean;
  readonly killAgent: boolean;
  readonly disablePowerOff: boolean;
  readonly keep: boolean;
  readonly console: boolean;
  readonly workDir: string | null;
  readonly bootTimeoutMs: number;
  readonly json: boolean;
  readonly debug: boolean;
  readonly help: boolean;
}

export function helpText(): string {
  const facts: readonly (readonly [string, OptionFacts])[] = Object.entries(TABLE);
  const lines = facts.map(([name, { value, doc }]) => {
    const head = `  --${name}${value === null ? '' : ` ${value}`}`;
    return head.length < 28 ? `${head.padEnd(28)}${doc}` : `${head}\n${' '.repeat(28)}${doc}`;
  });
  return [
    'usage: npm start [-- OPTIONS]    or: npm run lab -- OPTIONS',
    '',
    'Boots a virtual bare-metal server into our ramdisk, lets a conductor inspect, clean and',
    'deploy it through the agent, and starts the operating system that was written to its disk.',
    'Exit code 0 only if that system reported in.',
    '',
    ...lines,
    '',
  ].join('\n');
}

/** `nvme:5120:SERIAL`. */
export function parseDisk(text: string, index: number): DiskSpec {
  const [bus, size, serial, ...rest] = text.split(':');
  const disk = { bus, sizeMiB: Number(size), serial: serial ?? `LAB-DISK-${index + 1}` };
  if (rest.length === 0 && fits(DiskSpec, disk) && /^[\w-]{1,20}$/.test(disk.serial)) return disk;
  throw LabUsage(`--disk ${text}: expected BUS:MIB[:SERIAL] with BUS one of ${DISK_BUSES.join(', ')}`);
}

function oneOf<S extends Parameters<typeof fits>[0]>(schema: S, name: string, value: string): Static<S> {
  if (fits(schema, value)) return value;
  throw LabUsage(`--${name} ${value} is not possible`, { hint: 'see --help' });
}

function wholeNumber(name: string, text: string, min: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min) return value;
  throw LabUsage(`--${name} ${text}: expected a whole number of at least ${min}`);
}

function parseHints(text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(Type.Record(Type.String(), Type.Unknown()), JSON.parse(text), '--hints');
  } catch (error) {
    throw LabUsage(`--hints ${text}: expected a JSON object`, { cause: error });
  }
}

function apiMinor(text: string): number {
  const minor = parseVersion(text);
  if (minor !== null && minor >= 31) return minor;
  throw LabUsage(`--api-version ${text}: expected 1.31 or newer, e.g. 1.82`);
}

function readArguments(argv: readonly string[]) {
  const flag = { type: 'boolean' as const, default: false };
  const text = { type: 'string' as const };
  try {
    return parseArgs({
      args: [...argv],
      allowNegative: true,
      options: {
        firmware: { ...text, default: 'uefi' },
        disk: { ...text, multiple: true as const, default: ['nvme:5120', 'virtio:8192'] },
        image: text,
        'image-format': text,
        'partition-image': flag,
        expect: { ...text, default: 'login:' },
        hints: text,
        'api-version': { ...text, default: '1.115' },
        memory: { ...text, default: '2048' },
        'fast-track': { ...flag, default: true },
        until: { ...text, default: 'deploy' },
        ironic: flag,
        inspector: flag,
        rescue: flag,
        'kill-agent': flag,
        'disable-power-off': flag,
        keep: flag,
        console: flag,
        'work-dir': text,
        'boot-timeout': { ...text, default: '600' },
        json: flag,
        debug: flag,
        help: flag,
      } satisfies Record<keyof typeof TABLE, object>,
    }).values;
  } catch (error) {
    throw LabUsage(error instanceof Error ? error.message : String(error), { hint: 'see --help' });
  }
}

/** @throws LabUsage naming the option, its value and what is possible */
export function readOptions(argv: readonly string[]): LabOptions {
  const v = readArguments(argv);
  const format = v['image-format'];
  for (const name of ['inspector', 'rescue', 'kill-agent'] as const)
    if (v[name] && !v.ironic)
      throw LabUsage(`--${name} is possible under the real Ironic only`, { hint: 'add --ironic' });
  if (v['disable-power-off'] && v.ironic)
    throw LabUsage('--disable-power-off is possible under the embedded conductor only: Ironic 2023.1 has no such node');
  if (v['partition-image'] && v.ironic)
    throw LabUsage('--partition-image is possible under the embedded conductor only');
  return {
    firmware: oneOf(Type.Union([Type.Literal('bios'), Type.Literal('uefi')]), 'firmware', v.firmware),
    disks: v.disk.map(parseDisk),
    image: v.image ?? null,
    imageFormat: format === undefined ? null : oneOf(ImageFormat, 'image-format', format),
    partitionImage: v['partition-image'],
    expect: v.expect,
    hints: v.hints === undefined ? null : parseHints(v.hints),
    apiVersion: apiMinor(v['api-version']),
    memoryMiB: wholeNumber('memory', v.memory, 512),
    fastTrack: v['fast-track'],
    until: oneOf(Until, 'until', v.until),
    ironic: v.ironic,
    inspector: v.inspector,
    rescue: v.rescue,
    killAgent: v['kill-agent'],
    disablePowerOff: v['disable-power-off'],
    keep: v.keep || v.console,
    console: v.console,
    workDir: v['work-dir'] ?? null,
    bootTimeoutMs: wholeNumber('boot-timeout', v['boot-timeout'], 10) * 1000,
    json: v.json,
    debug: v.debug,
    help: v.help,
  };
}
