import { formatBytes, InvalidCommandParams, MiB } from '../../core/index.ts';
import { type ExpectedDigest, expectedDigest } from '../plan/index.ts';
import { type PartitionRef, readPartition } from './partition.ts';
import { createTemplates, type Filled, type TemplateFacts } from './template.ts';

/** A number, or a name of the deployed system. */
export type Owner = number | string;

export interface WrittenFile {
  readonly kind: 'write';
  readonly path: string;
  readonly partition: PartitionRef;
  /** Base64 stays text until it is written: there may be many files. */
  readonly content: { readonly base64: string } | { readonly url: URL; readonly digest: Digest | null };
  readonly mode: number | null;
  /** Of the last folder, when it is made. */
  readonly folderMode: number | null;
  readonly owner: Owner | null;
  readonly group: Owner | null;
}

export interface DeletedFile {
  readonly kind: 'delete';
  readonly path: string;
  readonly partition: PartitionRef;
}

export type InjectedFile = WrittenFile | DeletedFile;
export type Digest = Extract<ExpectedDigest, { kind: 'value' }>;

const KEYS = ['path', 'partition', 'content', 'deleted', 'mode', 'dirmode', 'owner', 'group', 'checksum'];
const MAX_FILES = 1000;
const MAX_PATH = 4096;
const MAX_NAME = 255;
/** Of what comes inside the call; larger files belong on a server. */
const MAX_INLINE_BYTES = 64 * MiB;
const MAX_ID = 0xffff_fffe;
const MAX_MODE = 0o7777;
/** What useradd accepts. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/;

interface Rules {
  readonly fill: (template: string) => Filled;
  readonly md5Enabled: boolean;
}
type Raw = Readonly<Record<string, unknown>>;
/** Collects what is wrong; a reader that finds a fault answers with something harmless. */
type Say = (problem: string) => void;

const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

function readPath(raw: unknown, hasPartition: boolean, say: Say): string {
  if (isAbsent(raw) || raw === '') say('path is missing');
  else if (typeof raw !== 'string') say('path must be text');
  else if (!raw.startsWith('/')) say('path must be absolute');
  else if (raw.endsWith('/')) say('path must name a file, not end in /');
  else return checkedPath(raw, hasPartition, say);
  return '';
}

function checkedPath(path: string, hasPartition: boolean, say: Say): string {
  const names = path.split('/').filter((name) => name !== '');
  if (path.includes('\0')) say('path must not contain a zero byte');
  if (names.some((name) => name === '..' || name === '.')) say('path must not contain . or ..');
  if (Buffer.byteLength(path) > MAX_PATH || names.some((name) => Buffer.byteLength(name) > MAX_NAME))
    say(`path is longer than ${MAX_PATH} bytes, or one of its names than ${MAX_NAME}`);
  if (names.length === 1 && !hasPartition) say('a file in / needs a partition');
  return path;
}

function readNumber(raw: unknown, what: string, max: number, say: Say): number | null {
  if (isAbsent(raw)) return null;
  if (typeof raw === 'number' && Number.isInteger(raw) && raw >= 0 && raw <= max) return raw;
  say(`${what} must be an integer from 0 to ${max}`);
  return null;
}

function readOwner(raw: unknown, what: string, say: Say): Owner | null {
  if (typeof raw !== 'string') return readNumber(raw, what, MAX_ID, say);
  if (NAME.test(raw)) return raw;
  say(`${what} must be an integer or a name`);
  return null;
}

function readDigest(raw: unknown, md5Enabled: boolean, say: Say): Digest | null {
  if (isAbsent(raw)) return null;
  if (typeof raw !== 'string' || raw.includes('://')) {
    say('checksum must be a digest such as sha256:<hexadecimal digits>');
    return null;
  }
  try {
    const expected = expectedDigest({ id: 'file', urls: ['-'], checksum: raw }, md5Enabled);
    return expected.kind === 'value' ? expected : null;
  } catch (error) {
    if (!InvalidCommandParams.is(error)) throw error;
    say(`checksum: ${error.details}`);
    return null;
  }
}

function readUrl(template: string, digest: Digest | null, fill: Rules['fill'], say: Say): WrittenFile['content'] {
  const { text, problems } = fill(template);
  for (const problem of problems) say(`content: ${problem}`);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (problems.length === 0 && (url === null || !/^https?:$/.test(url.protocol)))
    say('content must be base64 or an http:// or https:// address');
  return { url: url ?? new URL('http://invalid'), digest };
}

function readContent(raw: unknown, digest: Digest | null, { fill }: Rules, say: Say): WrittenFile['content'] {
  if (typeof raw !== 'string') {
    say(isAbsent(raw) ? 'content is missing, and deleted is not set' : 'content must be text');
    return { base64: '' };
  }
  if (raw.includes('://')) return readUrl(raw, digest, fill, say);
  if (digest !== null) say('checksum is for content at an address only');
  const base64 = /\s/.test(raw) ? raw.replace(/\s+/g, '') : raw;
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64))
    say('content is neither base64 nor an address');
  if ((base64.length / 4) * 3 > MAX_INLINE_BYTES)
    say(`content is larger than ${formatBytes(MAX_INLINE_BYTES)}; give its address`);
  return { base64 };
}

function readDeleted({ deleted, content }: Raw, say: Say): boolean {
  if (!isAbsent(deleted) && typeof deleted !== 'boolean') say('deleted must be true or false');
  if (deleted === true && !isAbsent(content) && content !== '') say('content and deleted exclude each other');
  return deleted === true;
}

function readEntry(raw: unknown, rules: Rules, say: Say): InjectedFile | null {
  if (!isObject(raw)) {
    say('must be an object');
    return null;
  }
  const unknown = Object.keys(raw).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) say(`unknown key ${unknown.slice(0, 5).join(', ')}`);
  const path = readPath(raw.path, !isAbsent(raw.partition), say);
  const partition = readPartition(raw.partition);
  if (partition === null) say('partition must be a number from 1, a device below /dev, an identifier or a label');
  const place = { path, partition: partition ?? { by: 'folder' as const } };
  const numbers = {
    mode: readNumber(raw.mode, 'mode', MAX_MODE, say),
    folderMode: readNumber(raw.dirmode, 'dirmode', MAX_MODE, say),
    owner: readOwner(raw.owner, 'owner', say),
    group: readOwner(raw.group, 'group', say),
  };
  const digest = readDigest(raw.checksum, rules.md5Enabled, say);
  if (readDeleted(raw, say)) return { kind: 'delete', ...place };
  return { kind: 'write', ...place, ...numbers, content: readContent(raw.content, digest, rules, say) };
}

const SHOWN = 30;
const listed = (problems: readonly string[]): string => {
  const more = problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : [];
  return [...problems.slice(0, SHOWN), ...more].join('; ');
};

export interface InjectRequest {
  /** `node.properties.inject_files`. */
  readonly ofNode: unknown;
  /** Argument `files` of the step. */
  readonly ofStep: unknown;
  readonly facts: TemplateFacts;
  readonly md5Enabled: boolean;
}

/**
 * The files of a node and of a step, in that order (steps.md 7.2), checked before anything is touched.
 * @throws InvalidCommandParamsError with everything that is wrong
 */
export function readEntries({ ofNode, ofStep, facts, md5Enabled }: InjectRequest): readonly InjectedFile[] {
  const problems: string[] = [];
  const rules = { fill: createTemplates(facts), md5Enabled };
  const lists = { 'node.properties.inject_files': ofNode, files: ofStep };
  const entries = Object.entries(lists).flatMap(([name, list]) => {
    if (isAbsent(list)) return [];
    if (Array.isArray(list)) return list.slice(0, MAX_FILES + 1).map((raw, at) => ({ raw, at: `${name}[${at}]` }));
    problems.push(`${name} must be a list`);
    return [];
  });
  if (entries.length > MAX_FILES) problems.push(`there are more than ${MAX_FILES} files`);
  const read = entries
    .slice(0, MAX_FILES)
    .map(({ raw, at }) => readEntry(raw, rules, (problem) => void problems.push(`${at}: ${problem}`)));
  if (problems.length > 0) throw InvalidCommandParams(`inject_files: ${listed(problems)}`);
  return read.flatMap((file) => file ?? []);
}
