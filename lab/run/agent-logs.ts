import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { Type } from 'typebox';
import { fits } from '../../src/core/index.ts';

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
  /** What the last finished deploy step answered, from the newest archive; null when there was none. */
  readonly deployResult: unknown;
}

const History = Type.Array(Type.Object({ command_result: Type.Optional(Type.Unknown()) }));
const DeployAnswer = Type.Object({ deploy_result: Type.Unknown() });

function deployResultIn(history: string): unknown {
  const commands: unknown = JSON.parse(history);
  if (!fits(History, commands)) return null;
  const answers = commands.flatMap(({ command_result: answer }) => (fits(DeployAnswer, answer) ? [answer] : []));
  return answers.at(-1)?.deploy_result ?? null;
}

/** By age, not by name: Ironic puts the reason before the time. */
async function archivesIn(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.tar.gz'));
  const aged = names.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs }));
  const byAge = (await Promise.all(aged)).sort((a, b) => a.at - b.at || a.name.localeCompare(b.name));
  return byAge.map(({ name }) => join(directory, name));
}

/** Unpacks every archive in `directory`; a damaged one is left out. */
export async function unpackAgentLogs(directory: string): Promise<AgentLogs> {
  const folders: string[] = [];
  for (const archive of await archivesIn(directory)) {
    const folder = await unpack(archive).catch(() => null);
    if (folder !== null) folders.push(folder);
  }
  const newest = folders.at(-1);
  if (newest === undefined) return { folders, journal: '', deployResult: null };
  const journal = await readFile(join(newest, 'journal'), 'utf8').catch(() => '');
  const history = await readFile(join(newest, 'agent', 'commands.json'), 'utf8').catch(() => '[]');
  return { folders, journal, deployResult: deployResultIn(history) };
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
