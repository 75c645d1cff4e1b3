import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';

/** Unpacks one log archive of the agent beside it; returns the folder. */
async function unpack(archive: string): Promise<string> {
  const folder = archive.replace(/\.tar\.gz$/, '');
  const members = extract();
  members.end(gunzipSync(await readFile(archive)));
  for await (const member of members) {
    const content = await buffer(member);
    // A member must not leave the folder, whatever its name says.
    const path = join(folder, join('/', member.header.name));
    if (member.header.type !== 'file') continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return folder;
}

export interface AgentLogs {
  /** Folders of unpacked archives, oldest first. */
  readonly folders: readonly string[];
  /** The journal of the newest archive. */
  readonly journal: string;
}

/** Unpacks every archive in `directory`; a damaged one is left out. */
export async function unpackAgentLogs(directory: string): Promise<AgentLogs> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.tar.gz')).sort();
  const folders: string[] = [];
  for (const name of names) {
    const folder = await unpack(join(directory, name)).catch(() => null);
    if (folder !== null) folders.push(folder);
  }
  const newest = folders.at(-1);
  const journal = newest === undefined ? '' : await readFile(join(newest, 'journal'), 'utf8').catch(() => '');
  return { folders, journal };
}

/** Why the agent took its disk, in its own words; null when the log does not say. */
export function diskReason(journal: string): string | null {
  const line = journal.split('\n').findLast((candidate) => candidate.includes('disk.root.chosen'));
  const quoted = /\bwhy=("(?:[^"\\]|\\.)*"|\S+)/.exec(line ?? '')?.[1];
  if (quoted === undefined) return null;
  return quoted.startsWith('"') ? String(JSON.parse(quoted)) : quoted;
}

/** The agent's own last lines, without the rest of the system's journal. */
export function lastAgentLines(journal: string, count = 15): readonly string[] {
  const own = journal.split('\n').filter((line) => /ironic[-_](node|python)[-_]agent/.test(line));
  return own.slice(-count);
}
