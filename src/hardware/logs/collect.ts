import { redactText } from '../../core/index.ts';
import { type ArchiveMember, packTarGz } from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { type Deadline, type Gathered, gatherAll, newestLines, type Row } from './piece.ts';
import { filePieces, journalPiece, morePieces, reportPieces, udevPieces } from './sources.ts';

export interface LogOptions {
  /** Milliseconds for all of it; what is not there by then is skipped. */
  readonly budgetMs: number;
  /** Only the newest bytes of the journal are kept; of a log file as well, and of all log files together twice as many. */
  readonly maxJournalBytes: number;
  /** For all members together, before they are packed; the least important ones are cut or skipped. */
  readonly maxTotalBytes: number;
  /** Log files and folders of them that the operator configured. */
  readonly logPaths: readonly string[];
  /** Members made by the caller, such as the agent's own state. */
  readonly extra: readonly { readonly name: string; readonly text: string }[];
  /** Values to be masked wherever they appear. */
  readonly secrets: readonly string[];
}

/** Kept for masking and packing what was found. */
const PACKING_SHARE = 0.1;
const LOG_FOLDER = '/var/log';

/** The journal, or the log folder without one; then the configured files. */
async function gatherLogs(ports: HardwarePorts, options: LogOptions, deadline: Deadline): Promise<readonly Gathered[]> {
  const { maxJournalBytes, logPaths } = options;
  const journal = await gatherAll([journalPiece(ports, maxJournalBytes)], ports.clock, deadline);
  const folders = journal.every(({ data }) => data !== null) ? [] : [LOG_FOLDER];
  const files = await filePieces(ports, [...folders, ...logPaths], maxJournalBytes);
  return [...journal, ...(await gatherAll(files, ports.clock, deadline, 1))];
}

async function gatherReports(ports: HardwarePorts, deadline: Deadline): Promise<readonly Gathered[]> {
  const pieces = [...reportPieces(ports), ...(await udevPieces(ports)), ...(await morePieces(ports))];
  return gatherAll(pieces, ports.clock, deadline);
}

const ownMembers = ({ extra }: LogOptions): readonly Gathered[] =>
  extra.map(({ name, text }) => {
    const data = Buffer.from(text);
    return { row: { member: name, duration_ms: 0, bytes: data.byteLength }, data };
  });

/** What the agent says of itself goes first: it is small, and the first that is looked for. */
function fitInto(own: readonly Gathered[], found: readonly Gathered[], room: number): readonly Gathered[] {
  let left = room;
  const take = ({ row, data }: Gathered): Gathered => {
    if (data === null) return { row, data };
    const kept = newestLines(data, left);
    left -= kept.byteLength;
    if (kept.byteLength === data.byteLength) return { row, data };
    if (kept.byteLength > 0) return { row: { ...row, bytes: kept.byteLength, cut: true }, data: kept };
    return { row: { ...row, bytes: 0, reason: 'the archive is full' }, data: null };
  };
  const ownTaken = own.map(take);
  return [...found.map(take), ...ownTaken];
}

/** Latin-1 keeps every byte, whatever encoding a log has; secrets are looked up as their bytes. */
function masked(data: Uint8Array, secrets: readonly string[]): Uint8Array {
  const asBytes = secrets.map((secret) => Buffer.from(secret).toString('latin1'));
  return Buffer.from(redactText(Buffer.from(data).toString('latin1'), asBytes), 'latin1');
}

function manifestOf(all: readonly Gathered[], at: number, durationMs: number): ArchiveMember {
  const rows = (there: boolean): readonly Row[] =>
    all.filter(({ data }) => (data !== null) === there).map(({ row }) => row);
  const manifest = {
    created_at: new Date(at).toISOString(),
    duration_ms: Math.round(durationMs),
    members: rows(true),
    skipped: rows(false),
  };
  return { name: 'manifest.json', data: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) };
}

/**
 * The archive of protocol.md 11.2: tar.gz of the journal (or `/var/log`), of configured log files and of what the machine
 * says about itself. `manifest.json` names exit codes and durations, and what is missing and why. Secrets are masked
 * byte-safely. Takes no longer than its budget whatever a program does.
 */
export async function collectSystemLogs(
  ports: HardwarePorts,
  options: LogOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<Uint8Array> {
  const { clock } = ports;
  const began = clock.monotonic();
  const deadline = { at: began + options.budgetMs * (1 - PACKING_SHARE), signal };
  const found = await Promise.all([gatherLogs(ports, options, deadline), gatherReports(ports, deadline)]);
  signal.throwIfAborted();
  const all = fitInto(ownMembers(options), found.flat(), options.maxTotalBytes);
  const members = all.flatMap(({ row, data }) => (data === null ? [] : [{ name: row.member, data }]));
  const now = clock.now();
  const withManifest = [...members, manifestOf(all, now, clock.monotonic() - began)];
  const clean = withManifest.map(({ name, data }) => ({ name, data: masked(data, options.secrets) }));
  return packTarGz(clean, now);
}
