import { parseArgs } from 'node:util';
import { InvalidOption } from '../errors.ts';
import type { AnyOption } from '../option.ts';
import { type OptionKey, optionList } from '../options/index.ts';
import { type Face, type Meaning, meaningsOf, shortOf, takesValue } from './face.ts';
import type { Source } from './source.ts';
import { nearest } from './suggest.ts';

export interface FlagSetting {
  readonly key: OptionKey;
  readonly raw: string;
  /** As written: `--nodebug`. */
  readonly flag: string;
}

export interface ConfigPath {
  readonly kind: 'file' | 'dir';
  readonly path: string;
}

export interface CommandLine {
  readonly command: string;
  /** Names of the switches that were given. */
  readonly switches: ReadonlySet<string>;
  /** `--config-file` and `--config-dir` in the order given: what is read later wins. */
  readonly configPaths: readonly ConfigPath[];
  readonly settings: readonly FlagSetting[];
}

interface Given {
  readonly name: string;
  /** With its dashes, as written. */
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** The parser of Node splits the arguments; it must know which names take a value. */
function split(argv: readonly string[], meanings: ReadonlyMap<string, Meaning>) {
  const names = [...meanings].map(([name, meaning]) => {
    const type = takesValue(meaning) ? ('string' as const) : ('boolean' as const);
    const short = shortOf(name);
    return [name, short === null ? { type } : { type, short }] as const;
  });
  const config = { args: [...argv], options: Object.fromEntries(names), strict: false, tokens: true } as const;
  const { tokens } = parseArgs({ ...config, allowPositionals: true });
  const given: Given[] = tokens.flatMap((token) => (token.kind === 'option' ? [token] : []));
  return { given, words: tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : [])) };
}

function suggestion(word: string, known: Iterable<string>, prefix = ''): string {
  const near = nearest(word, [...known]);
  return near === null ? '' : `; did you mean ${prefix}${near}?`;
}

/** What is wrong with the way a flag is written. */
function problemsIn(given: Given, meanings: ReadonlyMap<string, Meaning>): readonly string[] {
  const { name, rawName, value, inlineValue } = given;
  const meaning = meanings.get(name);
  if (meaning === undefined) return [`${rawName} is not an option${suggestion(name, meanings.keys(), '--')}`];
  if (!takesValue(meaning))
    return value === undefined || meaning.kind === 'option' ? [] : [`${rawName} takes no value`];
  if (value === undefined) return [`${rawName} needs a value`];
  const looksLikeFlag = inlineValue !== true && /^-[^0-9]/.test(value);
  return looksLikeFlag ? [`${rawName} needs a value; to give it this one write ${rawName}=${value}`] : [];
}

function problemsOfWords(words: readonly string[], face: Face): readonly string[] {
  const [command, extra] = words;
  const names = face.commands.map(({ name }) => name);
  if (command === undefined) return [];
  if (face.wordless === true)
    return [`unexpected argument ${JSON.stringify(command)}: ${face.program} takes only options`];
  if (!names.includes(command)) return [`${command} is not a command${suggestion(command, names)}`];
  return extra === undefined ? [] : [`unexpected argument ${JSON.stringify(extra)} after ${command}`];
}

function settingOf({ rawName, value }: Given, meaning: Meaning | undefined): readonly FlagSetting[] {
  if (meaning?.kind === 'option') return [{ key: meaning.key, raw: value ?? 'true', flag: rawName }];
  return meaning?.kind === 'not' ? [{ key: meaning.key, raw: 'false', flag: rawName }] : [];
}

const pathOf = ({ value }: Given, meaning: Meaning | undefined): readonly ConfigPath[] =>
  meaning?.kind === 'path' && value !== undefined ? [{ kind: meaning.of, path: value }] : [];

/**
 * Reads the arguments after the program name: `--api_url v`, `--debug`, `--nodebug`, `--section-option v`,
 * `--config-file`, `--config-dir`, the switches of the program and one command.
 * @throws InvalidOption with one line for each mistake
 */
export function parseCommandLine(argv: readonly string[], face: Face): CommandLine {
  const meanings = meaningsOf(face);
  const { given, words } = split(argv, meanings);
  const wrongFlags = given.flatMap((one) => problemsIn(one, meanings));
  // A value behind an unknown flag looks like a command, so commands are judged only when all flags are known.
  const problems = wrongFlags.length > 0 ? wrongFlags : problemsOfWords(words, face);
  if (problems.length > 0)
    throw InvalidOption(problems.join('\n'), { hint: `see ${face.program} --help`, data: { problems } });
  const configPaths = given.flatMap((one) => pathOf(one, meanings.get(one.name)));
  return {
    command: words[0] ?? face.commands[0]?.name ?? '',
    switches: new Set(given.flatMap(({ name }) => (meanings.get(name)?.kind === 'switch' ? [name] : []))),
    configPaths,
    settings: given.flatMap((one) => settingOf(one, meanings.get(one.name))),
  };
}

/** The last flag of an option wins. */
export function flagSource(settings: readonly FlagSetting[]): Source {
  const last = new Map(settings.map((setting) => [setting.key, setting]));
  const keys = new Map<AnyOption, OptionKey>(optionList.map(([key, option]) => [option, key]));
  return {
    find: (option) => {
      const key = keys.get(option);
      const setting = key === undefined ? undefined : last.get(key);
      return setting === undefined ? null : { raw: setting.raw, origin: `flag ${setting.flag}` };
    },
    onBad: 'fail',
    substitutes: false,
  };
}
