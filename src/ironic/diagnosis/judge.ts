import { redactText } from '../../core/index.ts';
import type { Check, Diagnosis, PathFacts } from './facts.ts';
import { checkAddress, checkConnection, checkLink, checkName, checkRoute } from './network-checks.ts';
import { checkTls } from './tls-check.ts';

const failed = (text: string, advice: string): Check => ({
  name: 'API',
  ok: false,
  text,
  advice,
  finding: { kind: 'api' },
});

function checkHttp({ target, http, proxy }: PathFacts): Check | null {
  if (http === null) return null;
  const between = proxy === null ? 'a load balancer or captive portal' : `proxy ${proxy}`;
  if ('code' in http) return failed(`no HTTP answer: ${http.why}`, `check the service, and ${between} in front of it`);
  const { status, apiVersion, excerpt } = http;
  if (status === 407)
    return failed('the proxy wants a password', 'put user and password into the proxy URL, or the host into no_proxy');
  if (status >= 500) return failed(`the server answers ${status}: ${excerpt}`, `check the service behind ${between}`);
  if (target.role === 'inspection callback') return { name: 'API', ok: true, text: `answers ${status} to GET` };
  if (apiVersion !== null) return { name: 'API', ok: true, text: `Ironic API ${apiVersion}` };
  const text = `what answers with status ${status} is no Ironic API: ${excerpt}`;
  return failed(text, `check host, port and path of the URL; ${between} may answer in its place`);
}

/** What stands in the way, from what was seen. The checks go outwards; the first that failed is the verdict. */
export function judge(facts: PathFacts): Diagnosis {
  const { url, role } = { ...facts.target, url: redactText(facts.target.url) };
  const found = [
    checkLink(facts),
    checkAddress(facts),
    checkName(facts),
    checkRoute(facts),
    checkConnection(facts),
    checkTls(facts),
    checkHttp(facts),
  ];
  const checks = found.filter((check) => check !== null);
  const bad = checks.find(({ ok }) => !ok);
  const verdict = bad === undefined ? null : `cannot reach ${url}: ${bad.text}: ${bad.advice ?? 'see its log'}`;
  return { url, role, checks, verdict, finding: bad?.finding ?? null };
}
