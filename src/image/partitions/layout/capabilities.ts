/** Capabilities of a node by name, values as text. */
export interface Capabilities {
  readonly of: ReadonlyMap<string, string>;
  /** What was skipped, in words. */
  readonly notes: readonly string[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fromObject = (object: Readonly<Record<string, unknown>>): Capabilities => ({
  of: new Map(Object.entries(object).map(([key, value]) => [key.trim(), String(value).trim()])),
  notes: [],
});

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads `{"k": "v"}`, the same as JSON text, or `k:v,k2:v2`; pieces that fit nowhere are skipped (imaging 4.1). */
export function readCapabilities(raw: unknown, where: string): Capabilities {
  if (raw === undefined || raw === null || raw === '') return { of: new Map(), notes: [] };
  if (isObject(raw)) return fromObject(raw);
  if (typeof raw !== 'string') return { of: new Map(), notes: [`${where} is neither text nor an object`] };
  const json = asJson(raw);
  if (isObject(json)) return fromObject(json);
  const pairs = raw.split(',').map((piece) => {
    const [key = '', ...rest] = piece.split(':');
    return { key: key.trim(), value: rest.join(':').trim(), good: rest.length > 0 && key.trim() !== '' };
  });
  const bad = pairs.filter(({ good }) => !good);
  return {
    of: new Map(pairs.filter(({ good }) => good).map(({ key, value }) => [key, value])),
    notes: bad.length === 0 ? [] : [`${where} has ${bad.length} malformed piece(s), which were skipped`],
  };
}
