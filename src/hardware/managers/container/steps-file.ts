import { type Static, Type } from 'typebox';
import { fits, type Log, problemsOf, reasonOf } from '../../../core/index.ts';
import type { Files } from '../../../system/index.ts';
import { HardwareManagerMisconfigured } from '../../errors.ts';
import { isImageName } from './policy.ts';
import { readYaml } from './yaml.ts';

const MAX_BYTES = 256 * 1024;
const Text = Type.String({ minLength: 1, maxLength: 256 });
const Options = Type.Optional(Type.Union([Type.String(), Type.Array(Type.String()), Type.Null()]));
const fields = {
  name: Text,
  image: Text,
  interface: Text,
  priority: Type.Integer(),
  reboot_requested: Type.Boolean(),
  abortable: Type.Boolean(),
  pull_options: Options,
  run_options: Options,
};
const Entry = Type.Object(fields);
const Document = Type.Object({ steps: Type.Array(Type.Unknown()) });

/** One entry of the steps file (steps.md 7.1). */
export type FileStep = Static<typeof Entry>;

/** Where the conductor looks for steps; others it stores and never offers (steps.md 1.7). */
const INTERFACES = ['vendor', 'power', 'management', 'firmware', 'deploy', 'bios', 'raid', 'network'];

/** What a problem is about: its place and, where it can be read, its name. */
function entryName(entry: unknown, at: number): string {
  const name: unknown = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : undefined;
  return typeof name === 'string' && name !== '' ? `step ${at + 1} (${name.slice(0, 64)})` : `step ${at + 1}`;
}

function tellOddities(entry: FileStep, path: string, log: Log): void {
  const unknown = Object.keys(entry).filter((key) => !Object.hasOwn(fields, key));
  if (unknown.length > 0)
    log.warn('containers.file.unknown_keys', { path, step: entry.name, keys: unknown, effect: 'they are ignored' });
  if (!INTERFACES.includes(entry.interface))
    log.warn('containers.file.interface', {
      path,
      step: entry.name,
      interface: entry.interface,
      effect: 'the conductor offers no step of this interface',
    });
}

/** @throws HardwareManagerConfigurationError naming file, entry and problem */
function readEntry(entry: unknown, at: number, taken: ReadonlySet<string>, path: string): FileStep {
  const refuse = (why: string) => HardwareManagerMisconfigured(`${path}: ${entryName(entry, at)}: ${why}`);
  if (!fits(Entry, entry)) throw refuse(problemsOf(Entry, entry).join('; '));
  if (!isImageName(entry.image)) throw refuse(`image ${JSON.stringify(entry.image)} is not the name of an image`);
  if (taken.has(entry.name))
    throw refuse('the name is taken by a step or method of a hardware manager, or by an earlier entry');
  return entry;
}

/** Text of the file; null when there is none. A pipe or device in its place is not waited for. */
async function textOf(files: Files, path: string): Promise<string | null> {
  const kind = await files.kind(path);
  if (kind === null) return null;
  if (kind !== 'file') throw HardwareManagerMisconfigured(`${path} is not a file`);
  try {
    const data = await files.head(path, MAX_BYTES + 1);
    if (data.byteLength > MAX_BYTES) throw new Error(`it is longer than ${MAX_BYTES} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch (error) {
    throw HardwareManagerMisconfigured(`${path} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * The steps of the file; none when it is missing. One mistake refuses the whole file: half of a cleaning is worse than
 * none. `reserved` are the names that no entry may take.
 * @throws HardwareManagerConfigurationError
 */
export async function readStepsFile(
  { files, log }: { readonly files: Files; readonly log: Log },
  path: string,
  reserved: readonly string[],
): Promise<readonly FileStep[]> {
  const text = await textOf(files, path);
  if (text === null) return [];
  const document = await readYaml(text).catch((error: unknown) => {
    throw HardwareManagerMisconfigured(`${path} is not YAML: ${reasonOf(error)}`);
  });
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw HardwareManagerMisconfigured(`${path} is not a mapping with the key "steps"`);
  if (!fits(Document, document)) throw HardwareManagerMisconfigured(`${path}: "steps" is missing or not a list`);
  const taken = new Set(reserved);
  return document.steps.map((raw, at) => {
    const entry = readEntry(raw, at, taken, path);
    taken.add(entry.name);
    tellOddities(entry, path, log);
    return entry;
  });
}
