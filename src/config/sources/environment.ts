import type { OptionName } from '../option.ts';
import { bracketed, namesOf, type Source } from './source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `[mdns]use_mdns` -> `OS_MDNS__USE_MDNS`. */
export const variableOf = ({ section, name }: OptionName): string =>
  `OS_${section.toUpperCase()}__${name.toUpperCase()}`;

export function environmentSource(env: Environment): Source {
  return {
    find: (option) => {
      for (const [rank, name] of namesOf(option).entries()) {
        const raw = env[variableOf(name)];
        if (raw === undefined) continue;
        return { raw, origin: `environment ${variableOf(name)}`, ...(rank === 0 ? {} : { alias: bracketed(name) }) };
      }
      return null;
    },
    onBad: 'fail',
    substitutes: false,
  };
}
