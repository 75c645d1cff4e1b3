const MAX_TEXT = 256;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;

/** Parameters for a log line: the same shape, with bulk replaced by its size. Masking secrets is the log's work. */
export function brief(value: unknown, depth = MAX_DEPTH): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `<${value.length} characters>` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '<...>';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => brief(item, depth - 1));
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(entries.map(([key, item]) => [key, brief(item, depth - 1)]));
}
