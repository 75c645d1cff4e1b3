import type { Static } from 'typebox';
import { AgentError, reasonOf, redactText } from '../../core/index.ts';
import type { FaultDocument } from './documents.ts';
import { BadRequest, ServerFault } from './errors.ts';

export type Fault = Readonly<Static<typeof FaultDocument>>;

const MAX_TEXT = 1000;

/** What fastify or node report about a request: an error with a status and a text of their own. */
const statusOf = (error: unknown): number | null =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : null;

/** Everything thrown while answering, as an error with a status. */
export function asAgentError(error: unknown): AgentError {
  if (error instanceof AgentError) return error;
  const status = statusOf(error);
  if (status !== null && status >= 400 && status < 500) return BadRequest(reasonOf(error), { cause: error });
  return ServerFault(reasonOf(error), { cause: error });
}

/** Ironic takes the bare parameter name in a fault for an outdated ramdisk, so that word never appears in one. */
const inoffensive = (text: string): string => text.replaceAll(/agent_token/gi, 'agent token');

export function toFault(error: AgentError, secrets: readonly string[]): Fault {
  const text = inoffensive(redactText(`${error.spec.message}: ${error.details}`, secrets));
  return {
    faultcode: error.spec.status >= 500 ? 'Server' : 'Client',
    faultstring: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text,
  };
}
