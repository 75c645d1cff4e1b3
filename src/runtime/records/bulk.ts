const KiB = 1024;
/** What commands read of a node is far below; a config drive, which they get beside it, is far above. */
const LONGEST = 64 * KiB;
const BULK = '<...>';

/** A copy of any JSON value without its long strings. */
export function withoutBulk(value: unknown): unknown {
  if (typeof value === 'string') return value.length > LONGEST ? BULK : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutBulk);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutBulk(item)]));
}
