import type { TSchema } from 'typebox';
import { type Log, reasonOf } from '../../core/index.ts';
import { type Files, openPrivateDirectory, type PrivateDirectory } from '../../system/index.ts';
import type { Job, Json } from '../jobs/index.ts';
import { CommandsRecord, EndRecord, FactsRecord, TokenRecord } from './contents.ts';
import { decode, encode, type Stamp } from './record.ts';
import { slimHistory } from './slim.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const FILES = { token: 'token.json', facts: 'state.json', commands: 'commands.json', end: 'end.json' } as const;
const NAMES = {
  kept: /^(token|state|commands|end)\.json$|^agent\.(crt|key)$/,
  leftover: /^new$|^\.agent\.(crt|key)\./,
};
const NO_FACTS: FactsRecord = {
  node: null,
  lookup: null,
  inspection: null,
  callback: null,
  tokenOnGet: false,
  written: null,
};

/** What an earlier run of the agent knew when it ended, in the same boot of the machine. */
export interface Remembered {
  readonly token: string | null;
  readonly facts: FactsRecord;
  /** Oldest first; what ran when the agent ended is still RUNNING. */
  readonly commands: readonly Job[];
  readonly end: EndRecord | null;
}

/** What survives the end of the process. A promise resolves when the news is safe, or was logged as lost. */
export interface Memory {
  /** The directory, also for key and certificate. */
  readonly directory: string;
  readonly before: Remembered;
  keepToken(token: string): Promise<void>;
  keepFacts(news: Partial<FactsRecord>): Promise<void>;
  keepCommands(jobs: readonly Job[]): Promise<void>;
  keepEnd(end: EndRecord): Promise<void>;
}

interface Ports {
  readonly files: Files;
  readonly log: Log;
}

/** The directory of the option; where that cannot be used, one that a restart will not find. */
async function openDirectory(path: string, { files, log }: Ports): Promise<PrivateDirectory> {
  try {
    const { directory, repairs } = await openPrivateDirectory(path, NAMES);
    for (const repair of repairs) log.warn('memory.repaired', { repair });
    return directory;
  } catch (error) {
    log.error('memory.refused', {
      why: reasonOf(error),
      effect: 'a restart of the agent loses token, certificate and command history',
      next: 'correct owner and mode of runtime_dir, or name another directory',
    });
    return (await openPrivateDirectory(await files.makeTempDir('ironic-node-agent-'), NAMES)).directory;
  }
}

const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value) ?? 'null');

/** Reads records; what cannot be used is logged and removed, so that nothing stands in the way of the next one. */
function reader(directory: PrivateDirectory, stamp: Stamp, log: Log) {
  let foreign = false;
  const drop = async (file: string, why: string) => {
    log.warn('memory.ignored', { file, why });
    await directory.remove(file).catch((error: unknown) => {
      log.warn('memory.remove.failed', { file, reason: reasonOf(error) });
    });
    return null;
  };
  const read = async <S extends TSchema>(file: string, schema: S) => {
    const text = await directory.read(file, MAX_BYTES).catch((error: unknown) => drop(file, reasonOf(error)));
    if (text === null) return null;
    const found = decode(schema, text, stamp);
    if (found.kind === 'ignored') {
      foreign ||= found.otherBoot;
      return drop(file, found.why);
    }
    if (found.agent !== stamp.agent) log.info('memory.other_version', { file, writtenBy: found.agent });
    return found.value;
  };
  return { read, isForeign: () => foreign };
}

async function recall(directory: PrivateDirectory, stamp: Stamp, log: Log): Promise<Remembered> {
  const { read, isForeign } = reader(directory, stamp, log);
  const commands = (await read(FILES.commands, CommandsRecord)) ?? [];
  const before = {
    token: await read(FILES.token, TokenRecord),
    facts: (await read(FILES.facts, FactsRecord)) ?? NO_FACTS,
    commands: commands.map((job) => ({ ...job, result: toJson(job.result) })),
    end: await read(FILES.end, EndRecord),
  };
  // Key and certificate of another boot are nobody's business either: this boot is a new agent to the conductor.
  if (isForeign()) for (const name of ['agent.crt', 'agent.key']) await directory.remove(name).catch(() => undefined);
  return before;
}

/** Opens the runtime directory and reads what an earlier run of this boot left there. Never rejects for its content. */
export async function openMemory(path: string, version: string, ports: Ports): Promise<Memory> {
  const { files, log } = ports;
  const stamp = { boot: (await files.textOrNull('/proc/sys/kernel/random/boot_id')) ?? '', agent: version };
  const directory = await openDirectory(path, ports);
  const before = await recall(directory, stamp, log);
  let { facts } = before;
  const keep = async (name: string, value: unknown) => {
    try {
      await directory.write(name, encode(value, stamp));
    } catch (error) {
      const effect = 'a restart will not know of it';
      log.error('memory.write.failed', { file: name, reason: reasonOf(error), effect });
    }
  };
  return {
    directory: directory.path,
    before,
    keepToken: (token) => keep(FILES.token, token),
    keepFacts: (news) => {
      facts = { ...facts, ...news };
      return keep(FILES.facts, facts);
    },
    keepCommands: (jobs) => keep(FILES.commands, slimHistory(jobs)),
    keepEnd: (end) => keep(FILES.end, end),
  };
}
