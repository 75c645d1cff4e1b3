export type Extra = Record<string, Record<string, Record<string, unknown>>>;

/** Python's `int()` of a value out of JSON, or the value itself where that fails. */
function asWhole(value: unknown): unknown {
  if (typeof value === 'number') return Math.trunc(value);
  return typeof value === 'string' && /^\s*[+-]?\d+(_\d+)*\s*$/.test(value) ? Number(value.replaceAll('_', '')) : value;
}

const isRow = (row: unknown): row is readonly [string, string, string, unknown] =>
  Array.isArray(row) && row.length === 4 && row.slice(0, 3).every((cell) => typeof cell === 'string');

/**
 * What the `extra-hardware` hooks of Ironic and ironic-inspector make of `data`: `extra[group][thing][field]`, a later
 * field in place of an earlier one. As with strict hooks, one row that is no such list is an error.
 */
export function asExtra(data: unknown): Extra {
  if (!Array.isArray(data)) throw new Error('data is no list');
  const extra: Extra = {};
  for (const row of data) {
    if (!isRow(row)) throw new Error(`not four cells: ${JSON.stringify(row)}`);
    const [group, thing, field, value] = row;
    const things = extra[group] ?? {};
    extra[group] = { ...things, [thing]: { ...things[thing], [field]: asWhole(value) } };
  }
  return extra;
}
