import { Unauthorized } from '../../core/index.ts';
import { MethodNotAllowed, PathNotFound } from './errors.ts';
import type { Route } from './routes.ts';

/** What is decided about a request before its body is looked at. */
export type Admission =
  | { readonly kind: 'serve'; readonly route: Route }
  | { readonly kind: 'redirect'; readonly path: string }
  | { readonly kind: 'options'; readonly allow: string };

/** Paths that only lack their last slash; answered for every method and before any token check (protocol.md 7.1). */
const WITHOUT_SLASH: ReadonlySet<string> = new Set(['/v1', '/v1/commands', '/commands']);

const matches = (pattern: string, path: string): boolean => {
  const at = pattern.indexOf(':');
  if (at < 0) return pattern === path;
  const rest = path.slice(at);
  return path.startsWith(pattern.slice(0, at)) && rest !== '' && !rest.includes('/');
};

const methodsOf = (found: readonly Route[]): readonly string[] => [
  ...new Set(['OPTIONS', ...found.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))]),
];

/** @throws NotFound, MethodNotAllowed with the fact `allow` */
export function admit(routes: readonly Route[], method: string, path: string): Admission {
  if (WITHOUT_SLASH.has(path)) return { kind: 'redirect', path: `${path}/` };
  const found = routes.filter(({ paths }) => paths.some((pattern) => matches(pattern, path)));
  if (found.length === 0) throw PathNotFound('The agent API has no such path.');
  const allow = [...methodsOf(found)].sort().join(', ');
  if (method === 'OPTIONS') return { kind: 'options', allow };
  const wanted = method === 'HEAD' ? 'GET' : method;
  const route = found.find((candidate) => candidate.method === wanted);
  if (route === undefined) throw MethodNotAllowed(`This path answers ${allow}.`, { data: { allow } });
  return { kind: 'serve', route };
}

/** @throws Unauthorized */
export function assertToken(isAllowed: boolean): void {
  if (!isAllowed) throw Unauthorized('Token invalid.');
}
