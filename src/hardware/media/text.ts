/** UTF-8 text without control characters other than white space, or null: what was meant to be read by people. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /\p{Cc}/u.test(text.replaceAll(/[\t\n\r\f]/g, '')) ? null : text;
  } catch {
    return null;
  }
}
