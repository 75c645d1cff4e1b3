import {
  journalctl,
  moreReportTools,
  type Printed,
  type Report,
  readUdevRecord,
  reportTools,
  smartctl,
} from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { type Found, newestLines, type Piece } from './piece.ts';

const FILE_MS = 5_000;
/** Room for a program that dies at its own limit to say so. */
const GRACE_MS = 1_000;
const MAX_DEPTH = 3;
const MAX_FILES = 500;

/** Cutting in the middle of a line could leave half a secret, which nothing would mask. */
function wholeLines({ data, exitCode, cut }: Printed, end: 'first' | 'newest', limit: number): Printed {
  if (end === 'first') return { data: cut ? data.subarray(0, data.lastIndexOf(0x0a) + 1) : data, exitCode, cut };
  const whole = cut ? data.subarray(data.indexOf(0x0a) + 1) : data;
  return { data: newestLines(whole, limit), exitCode, cut: cut || whole.byteLength > limit };
}

export const journalPiece = ({ tools }: HardwarePorts, limit: number): Piece => ({
  name: 'journal',
  limitMs: journalctl.timeoutMs + GRACE_MS,
  read: async (signal) => wholeLines(await tools.run(journalctl, { bytes: limit }, signal), 'newest', limit),
});

const reportPiece = (tools: HardwarePorts['tools'], name: string, tool: Report): Piece => ({
  name,
  limitMs: tool.timeoutMs + GRACE_MS,
  read: async (signal) => wholeLines(await tools.run(tool, undefined, signal), 'first', 0),
});

/** The reports of the reference, in its order. */
export function reportPieces({ tools, files }: HardwarePorts): readonly Piece[] {
  const mdstat: Piece = {
    name: 'mdstat',
    limitMs: FILE_MS,
    read: async () => ({ data: await files.bytes('/proc/mdstat') }),
  };
  const pieces = Object.entries(reportTools).map(([name, tool]) => reportPiece(tools, name, tool));
  const at = pieces.findIndex(({ name }) => name > mdstat.name);
  return [...pieces.slice(0, at), mdstat, ...pieces.slice(at)];
}

/** Whole disks: what has hardware behind it and is no partition. */
async function disksOf({ files }: HardwarePorts, names: readonly string[]): Promise<readonly string[]> {
  const kinds = await Promise.all(names.map((name) => files.real(`/sys/class/block/${name}/device`)));
  return names.filter((_name, at) => kinds[at] !== null);
}

export async function morePieces(ports: HardwarePorts): Promise<readonly Piece[]> {
  const { tools, files } = ports;
  const disks = await disksOf(ports, await files.list('/sys/class/block'));
  return [
    ...Object.entries(moreReportTools).map(([name, tool]) => reportPiece(tools, name, tool)),
    ...disks.map(
      (name): Piece => ({
        name: `smartctl/${name}`,
        limitMs: smartctl.timeoutMs + GRACE_MS,
        read: async (signal) => wholeLines(await tools.run(smartctl, { dev: `/dev/${name}` }, signal), 'first', 0),
      }),
    ),
  ];
}

/** Properties as udev shows them: what the kernel says of the device, then what rules added. */
async function udevProperties({ files }: HardwarePorts, name: string): Promise<Found> {
  const dir = `/sys/class/block/${name}`;
  const numbers = await files.text(`${dir}/dev`);
  const kernel = ((await files.textOrNull(`${dir}/uevent`)) ?? '').split('\n').flatMap((line) => {
    const [key = '', ...value] = line.split('=');
    const text = value.join('=');
    return key === '' ? [] : [[key, key === 'DEVNAME' ? `/dev/${text}` : text] as const];
  });
  const { properties, links } = await readUdevRecord(files, `b${numbers.trim()}`);
  const devlinks = links.length === 0 ? {} : { DEVLINKS: links.map((link) => `/dev/${link}`).join(' ') };
  const all = { SUBSYSTEM: 'block', ...Object.fromEntries(kernel), ...devlinks, ...Object.fromEntries(properties) };
  return { data: Buffer.from(JSON.stringify(all, null, 2)) };
}

export async function udevPieces(ports: HardwarePorts): Promise<readonly Piece[]> {
  const names = await ports.files.list('/sys/class/block');
  return names.map((name) => ({
    name: `udev/${name}`,
    limitMs: FILE_MS,
    read: () => udevProperties(ports, name),
  }));
}

/** Regular files at and below a path, some folders deep. */
async function filesBelow(files: HardwarePorts['files'], path: string, depth: number): Promise<readonly string[]> {
  const kind = await files.kind(path);
  if (kind === 'file') return [path];
  if (kind !== 'dir' || depth < 0) return [];
  const names = await files.list(path);
  return (await Promise.all(names.map((name) => filesBelow(files, `${path}/${name}`, depth - 1)))).flat();
}

/** The newest part of every log file at or below these paths, each file once; to be read one after the other. */
export async function filePieces(
  { files }: HardwarePorts,
  paths: readonly string[],
  limit: number,
): Promise<readonly Piece[]> {
  const found = await Promise.all(paths.map((path) => filesBelow(files, path.replace(/(?<=.)\/+$/, ''), MAX_DEPTH)));
  let room = 2 * limit;
  return [...new Set(found.flat())].slice(0, MAX_FILES).map((path) => ({
    name: path.replace(/^\/+/, ''),
    limitMs: FILE_MS,
    read: async () => {
      const most = Math.min(limit, room);
      if (most <= 0) throw new Error('the log files before it took all the room');
      // One byte more shows that there is more; the line that the limit cuts goes.
      const data = await files.tail(path, most + 1);
      room -= data.byteLength;
      return { data: newestLines(data, most), cut: data.byteLength > most };
    },
  }));
}
