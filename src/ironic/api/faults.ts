import { type Static, Type } from 'typebox';
import { fits } from '../../core/index.ts';
import type { JsonResponse } from '../../system/index.ts';

const Fault = Type.Object({ faultstring: Type.Optional(Type.String()), title: Type.Optional(Type.String()) });
const Wrapped = Type.Object({ error_message: Type.Union([Fault, Type.String()]) });
/** ironic-inspector's form. */
const Inspector = Type.Object({ error: Type.Object({ message: Type.String() }) });

const LONGEST = 500;

const wordsOf = (fault: Static<typeof Fault>): string | undefined => fault.faultstring ?? fault.title;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function said({ json, text }: Pick<JsonResponse, 'json' | 'text'>): string {
  if (fits(Inspector, json)) return json.error.message;
  const outer = fits(Wrapped, json) ? json.error_message : json;
  const inner = typeof outer === 'string' ? parsed(outer) : outer;
  if (typeof inner === 'string') return inner;
  return (fits(Fault, inner) ? wordsOf(inner) : undefined) ?? text;
}

/** `404: Node not found`: what the API said, in one line of bounded length (protocol 3). */
export function faultOf(response: Pick<JsonResponse, 'status' | 'json' | 'text'>): string {
  const line = said(response).replace(/\s+/g, ' ').trim();
  return `${response.status}: ${line === '' ? 'no text' : line.slice(0, LONGEST)}`;
}
