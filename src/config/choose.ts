import { readValue, textOf } from './kinds/index.ts';
import type { AnyOption, ConfigFacts } from './option.ts';
import { optionList } from './options/index.ts';
import { loopRefusal, oldName, refusal, shown } from './say.ts';
import { type Found, namesOf, type Source } from './sources/index.ts';
import { substitute } from './substitute.ts';

/** Where values come from, highest rank first. */
export interface World {
  readonly sources: readonly Source[];
  readonly facts: ConfigFacts;
}

export interface Choice {
  readonly value: unknown;
  readonly origin: string;
  readonly warnings: readonly string[];
  /** Why the winning source cannot be used; the value is then the default. */
  readonly problem: string | null;
  readonly loop: boolean;
}

const byName = new Map(
  optionList.flatMap(([, option]) =>
    namesOf(option).map(({ section, name }) => [`${section}\n${name}`, option] as const),
  ),
);

/** Text after `$` references, and whether they lead back to an option in `trail`. */
function expand(
  found: Found,
  world: World,
  trail: readonly AnyOption[],
): { readonly text: string; readonly loop: boolean } {
  let loop = false;
  const section = trail.at(-1)?.section ?? 'DEFAULT';
  const text = substitute(found.raw, section, (group, name) => {
    const other = byName.get(`${group}\n${name}`);
    if (other === undefined) return null;
    const inner = trail.includes(other) ? null : choose(other, world, [...trail, other]);
    loop ||= inner === null || inner.loop;
    return textOf(inner?.value);
  });
  return { text, loop };
}

function defaultOf(option: AnyOption, { facts }: World): Pick<Choice, 'value' | 'origin'> {
  if (option.computed === undefined) return { value: option.default, origin: 'default' };
  return { value: option.computed.from(facts), origin: `default: ${option.computed.doc}` };
}

/** The effective value of one option: the first source that has a usable one, else its default. */
export function choose(option: AnyOption, world: World, trail: readonly AnyOption[] = [option]): Choice {
  const refused: string[] = [];
  const finish = (choice: Omit<Choice, 'warnings'>, more: readonly string[] = []): Choice => {
    const used = `; ${shown(option, textOf(choice.value))} (${choice.origin}) is used instead`;
    return { ...choice, warnings: [...refused.map((text) => `${text}${used}`), ...more] };
  };
  for (const source of world.sources) {
    const found = source.find(option);
    if (found === null) continue;
    const { text, loop } = source.substitutes ? expand(found, world, trail) : { text: found.raw, loop: false };
    const { ok, value } = readValue(option.kind, text);
    const old = found.alias === undefined ? [] : [oldName(option, found)];
    if (ok && !loop) return finish({ value, origin: found.origin, problem: null, loop }, old);
    const why = loop ? loopRefusal(option, found) : refusal(option, found);
    if (source.onBad === 'fail') return finish({ ...defaultOf(option, world), problem: why, loop }, old);
    refused.push(why);
  }
  return finish({ ...defaultOf(option, world), problem: null, loop: false });
}
