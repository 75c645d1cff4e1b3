/** Number of single-letter edits between two words. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replace = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replace, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const plain = (text: string) => text.toLowerCase().replaceAll('-', '_');
/** A shortened word is as near as a word with one wrong letter. */
const farness = (word: string, candidate: string) =>
  word.length >= 3 && candidate.startsWith(word) ? 1 : distance(word, candidate);

/** The known word that was probably meant, dashes and underscores being alike; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const ranked = known
    .map((candidate) => ({ candidate, far: farness(plain(word), plain(candidate)) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best !== undefined && best.far <= limit ? best.candidate : null;
}
