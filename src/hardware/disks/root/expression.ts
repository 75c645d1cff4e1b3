/** One parsed hint value (inventory 3.3): an operator and its normalised operands. */
export type Operator =
  | '=='
  | '!='
  | '>='
  | '>'
  | '<='
  | '<'
  | 's=='
  | 's!='
  | 's>='
  | 's>'
  | 's<='
  | 's<'
  | 'in'
  | 'or'
  | 'all-in'
  | 'range-in'
  | 'none';

export interface Expression {
  readonly operator: Operator;
  readonly operands: readonly string[];
}
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly fromIncluded: boolean;
  readonly toIncluded: boolean;
}

/** Longest first; the legacy `=` means "at least". */
const OPERATORS: readonly (readonly [string, Operator])[] = [
  ['<range-in>', 'range-in'],
  ['<all-in>', 'all-in'],
  ['<in>', 'in'],
  ['<or>', 'or'],
  ['s==', 's=='],
  ['s!=', 's!='],
  ['s>=', 's>='],
  ['s<=', 's<='],
  ['s>', 's>'],
  ['s<', 's<'],
  ['==', '=='],
  ['!=', '!='],
  ['>=', '>='],
  ['<=', '<='],
  ['>', '>'],
  ['<', '<'],
  ['=', '>='],
];

/**
 * Lower case, trimmed, and percent-encoded as the conductor does it, so that both sides of a comparison agree
 * also where order and substrings see the encoded text.
 */
export function normalise(text: string): string {
  const encoded = encodeURIComponent(text.trim().toLowerCase().toWellFormed());
  return encoded.replaceAll('%2F', '/').replace(/[!*'()]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The expression, or the reason why the text is none. Blanks inside a value belong to the value. */
export function parseExpression(raw: string): Expression | string {
  const text = raw.trim().toLowerCase();
  if (text === '') return 'the value is empty';
  const [token, operator] = OPERATORS.find(([t]) => text.startsWith(t)) ?? ['', 'none' as const];
  const rest = text.slice(token.length).trim();
  const values = operator === 'or' ? rest.split('<or>').map((part) => part.trim()) : [rest];
  if (values.some((value) => value === '')) return `operator ${token} lacks a value`;
  return { operator, operands: values.map((value) => (operator === 'range-in' ? value : normalise(value))) };
}

/** `[ 10 20 ]` or `( 10 20 )` or mixed; brackets include the bound, parentheses do not. */
export function parseRange(text: string): Range | string {
  const m = /^([[(])\s*(\d+(?:\.\d+)?)\s+(\d+(?:\.\d+)?)\s*([\])])$/.exec(text);
  if (m === null) return `<range-in> wants "[ low high ]" or "( low high )", not "${text}"`;
  const range = { from: Number(m[2]), to: Number(m[3]), fromIncluded: m[1] === '[', toIncluded: m[4] === ']' };
  return range.from <= range.to ? range : `<range-in> ${text}: the lower bound is above the upper one`;
}

export function isWithin(value: number, range: Range): boolean {
  const above = range.fromIncluded ? value >= range.from : value > range.from;
  const below = range.toIncluded ? value <= range.to : value < range.to;
  return above && below;
}
