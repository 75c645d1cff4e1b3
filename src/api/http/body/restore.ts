/** Puts long strings back in the place of their stand-ins, in values and in keys. */
export function restore(value: unknown, long: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return long.get(value) ?? value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => restore(item, long));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [long.get(key) ?? key, restore(item, long)]));
}
