import { createHash, timingSafeEqual } from 'node:crypto';
import { type ApiVersion, atLeast, WITH_TOKEN_ON_GET } from './api/index.ts';

/** What stands in place of a secret that the conductor will not repeat. */
export const MASKED = '******';
/** Shorter ones are not the conductor's making and are ignored (protocol 4.5). */
export const SHORTEST_TOKEN = 32;

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();

/** Takes the same time wherever the two differ and whatever their lengths; false unless both are there. */
export function sameToken(a: string | null | undefined, b: string | null | undefined): boolean {
  if (typeof a !== 'string' || typeof b !== 'string' || a === '' || b === '') return false;
  return timingSafeEqual(digest(a), digest(b));
}

export type GetTokenPolicy = 'auto' | 'strict' | 'compat';

export interface TokenGateSettings {
  /** Null before lookup, and for good without a conductor: then nothing is allowed. */
  readonly token: () => string | null;
  readonly policy: GetTokenPolicy;
  /** Null while unknown, which counts as old. */
  readonly apiVersion: () => ApiVersion | null;
  /** Did a GET carry the right token already, before the agent restarted? */
  readonly seenOnGet?: boolean;
  /** Called when the first one does. */
  readonly onSeen?: () => void;
}

/** In place of a method: on a path that no conductor asks for. It takes the token always, and says nothing of conductors. */
export const OPERATOR = 'operator';

export interface TokenGate {
  /** May a protected request with this token pass? `offered` is null when it carries none. */
  allows(method: string, offered: string | null): boolean;
}

const READING = /^(GET|HEAD)$/;

/**
 * Who may speak to the agent (protocol 7.6). Writing always takes the token. Reading takes it too, except for old
 * conductors that send it on POST only: there reading is open until the first GET with the right token.
 */
export function createTokenGate({ token, policy, apiVersion, onSeen, ...before }: TokenGateSettings): TokenGate {
  let seenOnGet = before.seenOnGet ?? false;
  const openForReading = () => {
    if (policy === 'strict' || seenOnGet) return false;
    const server = apiVersion();
    return policy === 'compat' || server === null || !atLeast(server, WITH_TOKEN_ON_GET);
  };
  return {
    allows(method, offered) {
      const known = token();
      if (known === null) return false;
      const reading = READING.test(method);
      const right = sameToken(offered, known);
      if (right && reading && !seenOnGet) {
        seenOnGet = true;
        onSeen?.();
      }
      return right || (offered === null && reading && openForReading());
    },
  };
}
