import { choose, type World } from './choose.ts';
import { InvalidOption } from './errors.ts';
import type { ConfigFacts } from './option.ts';
import { type Config, optionList, options } from './options/index.ts';
import { withOverrides } from './overrides.ts';
import { type Resolved, resolvedFrom } from './resolved.ts';
import {
  bootParameters,
  type ConfigFile,
  type Environment,
  environmentSource,
  type FlagSetting,
  type FloppyParameters,
  fileSource,
  flagSource,
  kernelRuleSource,
  kernelSource,
  misspelledParameters,
  type Source,
} from './sources/index.ts';

/** Everything main has read; later files win. */
export interface Inputs {
  readonly files: readonly ConfigFile[];
  readonly env: Environment;
  readonly flags: readonly FlagSetting[];
  /** Text of `/proc/cmdline`. */
  readonly kernel: string;
  readonly floppy?: FloppyParameters | null;
  readonly overrides?: readonly Override[];
  readonly facts: ConfigFacts;
}

/** Values set at run time: by the lookup answer or by multicast DNS. Null means: not given. */
export interface Override {
  readonly origin: string;
  readonly values: Readonly<Record<string, unknown>>;
}

interface Sources {
  readonly forced: Source;
  readonly flags: Source;
  readonly env: Source;
  readonly files: Source;
  readonly kernel: Source;
}

/** Highest rank first (protocol.md 2.1). */
function ranked(
  { forced, flags, env, files, kernel }: Sources,
  precedence: Config['configPrecedence'],
): readonly Source[] {
  const last = precedence === 'kernel' ? [kernel, files] : [files, kernel];
  return [forced, flags, env, ...last];
}

function worldOf(sources: Sources, facts: ConfigFacts): World {
  const asked = choose(options.configPrecedence, { sources: ranked(sources, 'file'), facts }).value;
  return { sources: ranked(sources, asked === 'kernel' ? 'kernel' : 'file'), facts };
}

/**
 * The effective configuration. Bad kernel parameters and overrides are warnings; bad values of files, environment and
 * command line are errors.
 * @throws InvalidOption with one line for each bad value
 */
export function resolveConfig(inputs: Inputs): Resolved {
  const files = fileSource(inputs.files);
  const parameters = bootParameters(inputs.kernel, inputs.floppy ?? null);
  const sources: Sources = {
    forced: kernelRuleSource(parameters),
    flags: flagSource(inputs.flags),
    env: environmentSource(inputs.env),
    files: files.source,
    kernel: kernelSource(parameters),
  };
  const world = worldOf(sources, inputs.facts);
  const choices = optionList.map(([key, option]) => [key, choose(option, world)] as const);
  const bad = choices.flatMap(([, { problem }]) => (problem === null ? [] : [problem]));
  const problems = [...files.problems, ...bad];
  if (problems.length > 0) throw InvalidOption(problems.join('\n'), { data: { problems } });
  const warnings = [...misspelledParameters(parameters), ...choices.flatMap(([, choice]) => choice.warnings)];
  const resolved = resolvedFrom(new Map(choices), warnings);
  return (inputs.overrides ?? []).reduce((so, { values, origin }) => withOverrides(so, values, origin), resolved);
}
