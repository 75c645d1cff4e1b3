/** `/v1/commands/?wait=true` -> `/v1/commands/` and `wait=true`. The query carries the token: never log it. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const at = url.search(/[?#]/);
  if (at < 0) return { path: url, query: '' };
  return { path: url.slice(0, at), query: url[at] === '?' ? url.slice(at + 1).replace(/#.*$/, '') : '' };
}

/** `https://192.0.2.7:9999`, from what the client called us; `fallback` is used when it sent no Host header. */
export function baseUrl(scheme: 'http' | 'https', host: string | undefined, fallback: string): string {
  return `${scheme}://${host === undefined || host === '' ? fallback : host}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (found) => entities[found] ?? found);

export function redirectPage(location: string): string {
  const link = escapeHtml(location);
  return `<!doctype html>\n<html lang="en">\n<title>Redirecting</title>\n<p>Moved to <a href="${link}">${link}</a>.</p>\n</html>\n`;
}
