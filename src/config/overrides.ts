import { readValue, textOf } from './kinds/index.ts';
import { isOptionKey, optionList, options } from './options/index.ts';
import { type Chosen, type Resolved, resolvedFrom } from './resolved.ts';
import { refusal, shown } from './say.ts';

/**
 * Values set at run time, by the key of `Config`: text is read as in a file, other values (JSON) must fit as they are,
 * null and undefined mean "not given". Unknown keys and bad values become warnings and change nothing.
 */
export function withOverrides(resolved: Resolved, values: Readonly<Record<string, unknown>>, origin: string): Resolved {
  const chosen = new Map<string, Chosen>(
    optionList.map(([key]) => [key, { value: resolved.config[key], origin: resolved.origins[key] }]),
  );
  const warnings = [...resolved.warnings];
  for (const [key, raw] of Object.entries(values)) {
    if (raw === null || raw === undefined) continue;
    if (!isOptionKey(key)) {
      warnings.push(`${key} (${origin}) is not an option and is ignored`);
      continue;
    }
    const option = options[key];
    const { ok, value } = readValue(option.kind, raw);
    if (ok) chosen.set(key, { value: Array.isArray(value) ? [...value] : value, origin });
    else {
      const kept = `${shown(option, textOf(resolved.config[key]))} (${resolved.origins[key]}) stays`;
      warnings.push(`${refusal(option, { raw: textOf(raw), origin })}; ${kept}`);
    }
  }
  return resolvedFrom(chosen, warnings);
}
