/** The text behind its percent signs; unchanged where they stand for themselves. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
