import { Type } from 'typebox';
import { fits, type Node } from '../../core/index.ts';
import { LookupFailed } from '../errors.ts';
import { MASKED, SHORTEST_TOKEN } from '../token.ts';
import { type ConductorOptions, readConductorOptions } from './conductor-options.ts';

/** `masked-unknown`: the conductor gave the token to somebody else this boot cycle; the agent can do nothing (fatal-token). */
export type LookupToken =
  | { readonly kind: 'new' | 'kept'; readonly value: string }
  | { readonly kind: 'masked-unknown' | 'none'; readonly value: null };

export interface LookupResult {
  readonly node: Node & { readonly uuid: string };
  readonly heartbeatTimeoutMs: number;
  readonly token: LookupToken;
  /** What the conductor sets, under the names of the option table; absent keys stay as they are. */
  readonly config: ConductorOptions;
  /** Sentences for the log; they name keys, never values. */
  readonly warnings: readonly string[];
}

const Json = Type.Record(Type.String(), Type.Unknown());
const Answer = Type.Object({ node: Type.Object({ uuid: Type.String({ minLength: 1 }) }) });
const Timeout = Type.Number({ exclusiveMinimum: 0, maximum: 2_000_000 });

function readToken(offered: unknown, known: string | null): { token: LookupToken; warnings: string[] } {
  const kept: LookupToken = known === null ? { kind: 'none', value: null } : { kind: 'kept', value: known };
  if (offered === MASKED) {
    if (known !== null)
      return { token: kept, warnings: ['the conductor does not repeat the token; the own one is kept'] };
    return { token: { kind: 'masked-unknown', value: null }, warnings: [] };
  }
  if (offered === null || offered === undefined || offered === '') return { token: kept, warnings: [] };
  if (typeof offered === 'string' && offered.length >= SHORTEST_TOKEN)
    return { token: { kind: 'new', value: offered }, warnings: [] };
  return { token: kept, warnings: [`agent_token is ignored: shorter than ${SHORTEST_TOKEN} characters or no text`] };
}

/** Servers before `config` existed put the timeout on top; null stands for none. */
function settingsOf(answer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { config, heartbeat_timeout } = answer;
  if (config === undefined || config === null) return { heartbeat_timeout };
  if (fits(Json, config)) return config;
  throw LookupFailed('the config of the answer is no object');
}

/**
 * The answer to a lookup (protocol 4.3 to 4.5). `knownToken` is what the agent has already, from virtual media or an
 * earlier lookup.
 * @throws LookupNodeError when the answer has no node or no heartbeat timeout
 */
export function readLookup(json: unknown, knownToken: string | null): LookupResult {
  if (!fits(Answer, json)) throw LookupFailed('the answer names no node');
  const config = settingsOf({ ...json });
  const timeout = config.heartbeat_timeout;
  if (!fits(Timeout, timeout)) throw LookupFailed('the answer has no usable heartbeat_timeout');
  const { token, warnings } = readToken(config.agent_token, knownToken);
  const taken = readConductorOptions(config);
  const extra = config.agent_skip_bmc_detect === true ? { skip_bmc_detect: true } : {};
  return {
    node: { ...json.node, ...extra },
    heartbeatTimeoutMs: timeout * 1000,
    token,
    config: taken.options,
    warnings: [...warnings, ...taken.warnings],
  };
}
