import { reasonOf, redactText } from '../../core/index.ts';
import { type ArchiveMember, journalctl, packTarGz, readUdevRecord, reportTools } from '../../system/index.ts';
import { mapLimited } from '../parallel.ts';
import type { HardwarePorts } from '../ports.ts';

export interface LogOptions {
  /** Milliseconds for all of it; what is not there by then is skipped. */
  readonly budgetMs: number;
  /** Only the newest bytes of the journal, or of each file when there is no journal, are kept. */
  readonly maxJournalBytes: number;
  /** Members made by the caller, such as the agent's own state. */
  readonly extra: readonly { readonly name: string; readonly text: string }[];
  /** Values to be masked wherever they appear. */
  readonly secrets: readonly string[];
}

interface Piece {
  readonly name: string;
  readonly read: (signal: AbortSignal) => Promise<Uint8Array>;
}
interface Skipped {
  readonly member: string;
  readonly reason: string;
}

const AT_ONCE = 8;
/** Few journal lines are shorter, so that enough of them fill the limit. */
const SHORT_LINE_BYTES = 64;

/**
 * The archive of protocol 11.2: tar.gz of the journal (or `/var/log`) and of what the machine says about itself.
 * `manifest.json` names what is missing and why. Secrets are masked byte-safely.
 */
export async function collectSystemLogs(
  ports: HardwarePorts,
  options: LogOptions,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const inTime = AbortSignal.any([AbortSignal.timeout(options.budgetMs), ...(signal === undefined ? [] : [signal])]);
  const pieces = [...journalPieces(ports, options), ...reportPieces(ports), ...(await udevPieces(ports))];
  const { members, skipped } = await readAll(pieces, inTime);
  signal?.throwIfAborted();
  const hasJournal = members.some(({ name }) => name === 'journal');
  const files = hasJournal ? { members: [], skipped: [] } : await readAll(await filePieces(ports, options), inTime);
  const manifest = { members: members.length + files.members.length, skipped: [...skipped, ...files.skipped] };
  const all: readonly ArchiveMember[] = [
    ...members,
    ...files.members,
    ...options.extra.map(({ name, text }) => ({ name, data: Buffer.from(text) })),
    { name: 'manifest.json', data: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
  ];
  const clean = all.map(({ name, data }) => ({ name, data: masked(data, options.secrets) }));
  return packTarGz(clean, ports.clock.now());
}

/** Latin-1 keeps every byte, whatever encoding a log has; secrets are looked up as their bytes. */
function masked(data: Uint8Array, secrets: readonly string[]): Uint8Array {
  const asBytes = secrets.map((secret) => Buffer.from(secret).toString('latin1'));
  return Buffer.from(redactText(Buffer.from(data).toString('latin1'), asBytes), 'latin1');
}

async function readAll(
  pieces: readonly Piece[],
  signal: AbortSignal,
): Promise<{ readonly members: readonly ArchiveMember[]; readonly skipped: readonly Skipped[] }> {
  const skipped: Skipped[] = [];
  const found = await mapLimited(pieces, AT_ONCE, async ({ name, read }): Promise<ArchiveMember | null> => {
    try {
      signal.throwIfAborted();
      return { name, data: await read(signal) };
    } catch (error) {
      skipped.push({ member: name, reason: reasonOf(error) });
      return null;
    }
  });
  return { members: found.filter((member) => member !== null), skipped };
}

/** The newest whole lines within the limit: half a line could hold half a secret, which nothing would mask. */
function newest(data: Uint8Array, limit: number): Uint8Array {
  if (data.byteLength <= limit) return data;
  const tail = data.subarray(-limit);
  return tail.subarray(tail.indexOf(0x0a) + 1);
}

function journalPieces({ tools }: HardwarePorts, { maxJournalBytes }: LogOptions): readonly Piece[] {
  const lines = Math.max(1, Math.ceil(maxJournalBytes / SHORT_LINE_BYTES));
  return [
    {
      name: 'journal',
      read: async (signal) => newest(await tools.run(journalctl, { lines }, signal), maxJournalBytes),
    },
  ];
}

function reportPieces({ tools, files }: HardwarePorts): readonly Piece[] {
  const reports = Object.entries(reportTools).map(
    ([name, tool]): Piece => ({ name, read: (signal) => tools.run(tool, undefined, signal) }),
  );
  return [...reports, { name: 'mdstat', read: () => files.bytes('/proc/mdstat') }];
}

async function udevPieces({ files }: HardwarePorts): Promise<readonly Piece[]> {
  const names = (await files.list('/sys/class/block')).filter((name) => !/^(loop|ram|zram)/.test(name));
  return names.map((name) => ({
    name: `udev/${name}`,
    read: async () => {
      const numbers = await files.text(`/sys/class/block/${name}/dev`);
      const { properties } = await readUdevRecord(files, `b${numbers.trim()}`);
      return Buffer.from(JSON.stringify(Object.fromEntries(properties), null, 2));
    },
  }));
}

/** Files below `/var/log`, three folders deep. */
async function filePieces({ files }: HardwarePorts, { maxJournalBytes }: LogOptions): Promise<readonly Piece[]> {
  const below = async (dir: string, depth: number): Promise<readonly string[]> => {
    const paths = (await files.list(dir)).map((name) => `${dir}/${name}`);
    const nested = await Promise.all(
      paths.map(async (path) => {
        const kind = await files.kind(path);
        if (kind === 'file') return [path];
        return kind === 'dir' && depth > 1 ? below(path, depth - 1) : [];
      }),
    );
    return nested.flat();
  };
  return (await below('/var/log', 3)).map((path) => ({
    name: path.slice(1),
    read: async () => newest(await files.bytes(path), maxJournalBytes),
  }));
}
