/** `/v1/commands/?wait=true` -> `/v1/commands/` and `wait=true`. The query carries the token: never log it. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const at = url.search(/[?#]/);
  if (at < 0) return { path: url, query: '' };
  return { path: url.slice(0, at), query: url[at] === '?' ? url.slice(at + 1).replace(/#.*$/, '') : '' };
}

/** A proxy asks with the whole address, `GET http://host/v1/status`; what counts for us is its path. */
export const originForm = (url: string): string => {
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return path === url || path.startsWith('/') ? path : `/${path}`;
};

/** A name or address with an optional port; anything else would make links that lead nowhere, or somewhere else. */
const HOST = /^([A-Za-z0-9._~-]{1,253}|\[[0-9A-Fa-f:.%A-Za-z]{2,80}\])(:\d{1,5})?$/;

/** `https://192.0.2.7:9999`, from what the client called us; `fallback` stands in for a Host header that is none. */
export function baseUrl(scheme: 'http' | 'https', host: string | undefined, fallback: string): string {
  return `${scheme}://${host !== undefined && HOST.test(host) ? host : fallback}`;
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
