import { InvalidOption } from './errors.ts';
import { type Config, type OptionKey, optionList } from './options/index.ts';

/** The effective configuration, frozen. */
export interface Resolved {
  readonly config: Config;
  /** Where each value comes from, for people. */
  readonly origins: Readonly<Record<OptionKey, string>>;
  readonly warnings: readonly string[];
}

export interface Chosen {
  readonly value: unknown;
  readonly origin: string;
}

const complete = (values: object): boolean => optionList.every(([key]) => Object.hasOwn(values, key));

/** Each value was checked against its schema when it was chosen; what is left to see is that none is missing. */
const isConfig = (values: Readonly<Record<string, unknown>>): values is Config => complete(values);
const isOrigins = (values: Readonly<Record<string, string>>): values is Record<OptionKey, string> => complete(values);

/** Builds the frozen result from one choice per option. */
export function resolvedFrom(chosen: ReadonlyMap<string, Chosen>, warnings: readonly string[]): Resolved {
  const config: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const [key, { value, origin }] of chosen) {
    config[key] = Object.freeze(value);
    origins[key] = origin;
  }
  if (!isConfig(config) || !isOrigins(origins)) throw InvalidOption('the option table is incomplete');
  return { config: Object.freeze(config), origins: Object.freeze(origins), warnings };
}
