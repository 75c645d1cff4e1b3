// biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
export type Document = any;

/** The document of an answer; null when its text is no JSON. */
export const readDocument = (text: string): Document => (/^[[{"\dtfn-]/.test(text) ? JSON.parse(text) : null);
