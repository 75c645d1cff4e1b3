import {
  AgentError,
  CommandExecutionFailed,
  InvalidCommand,
  InvalidCommandParams,
  InvalidContent,
  reasonOf,
  redact,
  redactText,
  VersionMismatch,
  type WireError,
} from '../../core/index.ts';
import { bareName, type Job, type Json } from './job.ts';

export type Outcome = Pick<Job, 'status' | 'error' | 'result'>;

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The copy is JSON by construction: later reads of the history cannot fail. Throws on cycles and BigInt. */
function toJson(value: unknown): Json {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? null : JSON.parse(text);
}

function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => mapStrings(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, change)]));
}

const ECHOED_STEP = /^(clean|deploy|service)_step$/;
/** An archive in base64: masking inside would break it, and it passed the redaction when it was made. */
const ARCHIVE = 'system_logs';

/** The echo of a step loses config drives and secrets before the copy: three config drives would burst the heap. */
function withSlimStep(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const slim = ([key, item]: readonly [string, unknown]) => [key, ECHOED_STEP.test(key) ? redact(item, secrets) : item];
  return Object.keys(value).some((key) => ECHOED_STEP.test(key))
    ? Object.fromEntries(Object.entries(value).map(slim))
    : value;
}

function resultOf(job: Pick<Job, 'name' | 'kind'>, value: unknown, secrets: readonly string[]): Json {
  const json = toJson(withSlimStep(value, secrets));
  const mask = (text: string) => redactText(text, secrets);
  if (typeof json === 'string')
    return { result: job.kind === 'sync' ? mask(json) : `${bareName(job.name)}: ${mask(json)}` };
  if (!isObject(json)) return mapStrings(json, mask);
  const entries = Object.entries(json);
  return Object.fromEntries(entries.map(([key, item]) => [key, key === ARCHIVE ? item : mapStrings(item, mask)]));
}

/** Conversions of protocol.md 7.3, with secrets masked and the step echo freed from config drives. */
export function succeeded(job: Pick<Job, 'name' | 'kind'>, value: unknown, secrets: readonly string[]): Outcome {
  try {
    return { status: 'SUCCEEDED', error: null, result: resultOf(job, value, secrets) };
  } catch (error) {
    return failed(
      CommandExecutionFailed(`the result of ${job.name} cannot be written as JSON: ${reasonOf(error)}`),
      secrets,
    );
  }
}

function wireError(error: AgentError, secrets: readonly string[]): WireError {
  const { type, code, message, details, ...extra } = error.toWire();
  const mask = (text: string) => redactText(text, secrets);
  const core = { type, code, message: mask(message), details: mask(details) };
  try {
    const json = toJson(redact(extra, secrets));
    return isObject(json) ? { ...json, ...core } : core;
  } catch {
    return core;
  }
}

/** Anything thrown becomes a complete error object; what is not ours is wrapped (protocol.md 9). */
export function failed(error: unknown, secrets: readonly string[]): Outcome {
  const known = error instanceof AgentError ? error : CommandExecutionFailed(reasonOf(error), { cause: error });
  const status = VersionMismatch.is(known) ? 'CLEAN_VERSION_MISMATCH' : 'FAILED';
  return { status, error: wireError(known, secrets), result: null };
}

/** Faults of the request itself are answered over HTTP and leave no trace in the history (protocol.md 7.3, 7.4). */
export const isContentFault = (error: unknown): boolean =>
  [InvalidContent, InvalidCommand, InvalidCommandParams].some((type) => type.is(error));

/** What the history keeps: the log archive was for the caller alone and would be sent with every listing. */
export function withoutArchive(result: Json): Json {
  return isObject(result) && ARCHIVE in result ? { ...result, [ARCHIVE]: '<...>' } : result;
}
