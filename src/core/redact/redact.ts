/**
 * The one place that takes secrets out of what leaves the agent: logs, errors and uploads all pass it.
 * It works by key (`agent_token`, `configdrive`), by shape (credentials and queries in URLs, Authorization values)
 * and by value (secrets learned at run time, such as the token).
 */
export const MASK = '******';
const BULK = '<...>';
const SECRET_KEY =
  /^(.*[-_ ])?(password|passwd|secret|token|authorization|credentials?)$|^(agent_token|image_request_authorization|oci_pull_secret|rescue_password)$/i;
const BULK_KEY = /^(configdrive|system_logs|logs|inject_files|content)$/i;

export interface Secrets {
  /** Values shorter than eight characters are ignored: masking them would garble ordinary text. */
  add(value: string | null | undefined): void;
  values(): readonly string[];
}

export function createSecrets(): Secrets {
  const known = new Set<string>();
  return {
    add: (value) => {
      if (typeof value === 'string' && value.length >= 8) known.add(value);
    },
    values: () => [...known],
  };
}

/**
 * Text without URL credentials, URL queries, token parameters, Authorization values and known secrets. Peers may have
 * written it: no pattern may look at a long part of it more than once, so what begins a match is always consumed.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let out = text
    .replace(/:\/\/[^\s/@]+@(?:[^\s/?"'@]*@)*/g, `://${MASK}@`)
    .replace(/\b(https?:\/\/[^\s?"'<>]+)(\?[^\s"'<>]+)?/gi, (url, base: string, query?: string) =>
      query === undefined ? url : `${base}?${MASK}`,
    )
    .replace(/\b(agent_token|ipa-agent-token|token|password)=[^\s&"']+/gi, `$1=${MASK}`)
    .replace(/\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{6,}/g, `$1 ${MASK}`);
  for (const secret of secrets) out = out.replaceAll(secret, MASK);
  return out;
}

/** A copy of any JSON-like value with secrets masked; depth and breadth are bounded so that logs stay small. */
export function redact(value: unknown, secrets: readonly string[] = [], depth = 8): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (value === null || typeof value !== 'object') return value;
  if (depth === 0) return BULK;
  if (Array.isArray(value)) return value.slice(0, 200).map((item) => redact(item, secrets, depth - 1));
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (value instanceof Error) return redactText(value.message, secrets);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (item === null || item === undefined) return [key, item];
      if (BULK_KEY.test(key)) return [key, BULK];
      if (SECRET_KEY.test(key) && typeof item !== 'boolean' && typeof item !== 'number') return [key, MASK];
      return [key, redact(item, secrets, depth - 1)];
    }),
  );
}
