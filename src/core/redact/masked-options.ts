import { hiddenInOptions } from './option-secrets.ts';
import { MASK } from './redact.ts';

/** A secret is the end of its word; the longest is the whole value. */
function maskedWord(word: string, secrets: readonly string[]): string {
  const lengths = secrets.filter((secret) => secret !== '' && word.endsWith(secret)).map(({ length }) => length);
  return lengths.length === 0 ? word : `${word.slice(0, word.length - Math.max(...lengths))}${MASK}`;
}

/** Options of a program without the secrets in them, however short. */
export const maskedWords = (words: readonly string[]): readonly string[] =>
  words.map((word, at) => maskedWord(word, hiddenInOptions([...words.slice(Math.max(0, at - 1), at), word])));

/** The same of a text of options, apart by blanks or commas. */
export function maskedOptions(text: string): string {
  const parts = text.split(/([\s,]+)/);
  const masked = maskedWords(parts.filter((_part, at) => at % 2 === 0));
  return parts.map((part, at) => (at % 2 === 1 ? part : (masked[at / 2] ?? ''))).join('');
}
