import { negatedFlag } from '../option.ts';
import { type OptionKey, optionList } from '../options/index.ts';

/** A word of the program itself: a command, or a switch without value. */
export interface Word {
  readonly name: string;
  readonly doc: string;
}

/** What the program offers beside the option table. The first command is run when none is named. */
export interface Face {
  readonly program: string;
  readonly commands: readonly Word[];
  /** The name of the program says the command: no word may follow it. */
  readonly wordless?: true;
  readonly switches: readonly Word[];
}

/** What one flag means. */
export type Meaning =
  | { readonly kind: 'option'; readonly key: OptionKey; readonly bare: boolean }
  | { readonly kind: 'not'; readonly key: OptionKey }
  | { readonly kind: 'path'; readonly of: 'file' | 'dir' }
  | { readonly kind: 'switch' };

export const takesValue = (meaning: Meaning): boolean =>
  meaning.kind === 'path' || (meaning.kind === 'option' && !meaning.bare);

const SHORT: Readonly<Record<string, string>> = { help: 'h', debug: 'd' };
export const shortOf = (name: string): string | null => SHORT[name] ?? null;

/** Every flag, by its name without dashes. */
export function meaningsOf(face: Face): ReadonlyMap<string, Meaning> {
  const meanings = new Map<string, Meaning>([
    ['config-file', { kind: 'path', of: 'file' }],
    ['config-dir', { kind: 'path', of: 'dir' }],
    ...face.switches.map((word): [string, Meaning] => [word.name, { kind: 'switch' }]),
  ]);
  for (const [key, option] of optionList) {
    const bare = option.kind.bare === true;
    meanings.set(option.flag, { kind: 'option', key, bare });
    if (bare) meanings.set(negatedFlag(option), { kind: 'not', key });
  }
  return meanings;
}
