import type { AnyOption, OptionName } from '../option.ts';

/** One raw value that a source has for an option. */
export interface Found {
  readonly raw: string;
  /** For people: `file /etc/x.conf [DEFAULT]`, `kernel parameter ipa-debug`. */
  readonly origin: string;
  /** Set when an older name of the option was used. */
  readonly alias?: string;
  /** What to write instead of the older name, where that is not the option's own name. */
  readonly instead?: string;
}

export interface Source {
  readonly find: (option: AnyOption) => Found | null;
  /** `warn`: a bad value is reported and the next source is asked. `fail`: it stops the agent. */
  readonly onBad: 'warn' | 'fail';
  /** `$other_option` in a value is replaced. */
  readonly substitutes: boolean;
}

/** The name of the option, then its older ones. */
export const namesOf = (option: AnyOption): readonly OptionName[] => [option, ...option.aliases];

export const bracketed = ({ section, name }: OptionName): string =>
  section === 'DEFAULT' ? name : `[${section}]${name}`;
