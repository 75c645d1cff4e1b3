import { secretsInOptions } from './option-secrets.ts';
import { MASK } from './redact.ts';

/** A secret is the end of its word; the longest is the whole value. */
function maskedWord(word: string, secrets: readonly string[]): string {
  const lengths = secrets.filter((secret) => secret !== '' && word.endsWith(secret)).map(({ length }) => length);
  return lengths.length === 0 ? word : `${word.slice(0, word.length - Math.max(...lengths))}${MASK}`;
}

/** Options of a program, apart by blanks or commas, without the secrets in them, however short. */
export function maskedOptions(text: string): string {
  const parts = text.split(/([\s,]+)/);
  return parts
    .map((part, at) =>
      at % 2 === 1
        ? part
        : maskedWord(part, secretsInOptions([...parts.slice(Math.max(0, at - 2), Math.max(0, at - 1)), part])),
    )
    .join('');
}
