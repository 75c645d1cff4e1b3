// biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
export type Document = any;

/** The document of an answer; null when its text is no JSON. */
export function readDocument(text: string): Document {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
