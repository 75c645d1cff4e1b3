import { isDeepStrictEqual } from 'node:util';
import { redact } from '../../core/index.ts';
import type { Job, Json } from '../jobs/index.ts';

const KiB = 1024;
/** Of one value in a result; what conductors read of a result is far below. */
const MAX_VALUE = 64 * KiB;
const MAX_HISTORY = 1024 * KiB;
const MAX_NODE = 256 * KiB;
const MAX_DETAILS = 4 * KiB;
const BULK = '<...>';

const sizeOf = (value: unknown): number => (JSON.stringify(value) ?? '').length;
const slimValue = (value: Json): Json => (sizeOf(value) > MAX_VALUE ? BULK : value);

function slimResult(result: Json): Json {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return slimValue(result);
  return slimValue(Object.fromEntries(Object.entries(result).map(([key, value]) => [key, slimValue(value)])));
}

/** Facts beside the text go first; the sentence for the operator stays. */
function slimError(error: Job['error']): Job['error'] {
  if (error === null || sizeOf(error) <= MAX_VALUE) return error;
  const { type, code, message, details } = error;
  return { type, code, message, details: details.slice(0, MAX_DETAILS) };
}

/** The newest jobs that fit into a megabyte, oldest first, their bulkiest values left out. */
export function slimHistory(jobs: readonly Job[]): readonly Job[] {
  const slim = jobs.map((job) => ({ ...job, result: slimResult(job.result), error: slimError(job.error) }));
  let room = MAX_HISTORY;
  const from = slim.findLastIndex((job) => {
    room -= sizeOf(job);
    return room < 0;
  });
  return slim.slice(from + 1);
}

/** A node without secrets and config drives; null when it is too large to keep. */
export function slimNode(node: unknown, secrets: readonly string[]): Readonly<Record<string, unknown>> | null {
  const clean = redact(node, secrets);
  if (typeof clean !== 'object' || clean === null || sizeOf(clean) > MAX_NODE) return null;
  return { ...clean };
}

/** Those settings that hold no secret: a masked one would be worse than none. */
export function plainSettings(
  settings: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): Readonly<Record<string, unknown>> {
  const isPlain = ([key, value]: readonly [string, unknown]) =>
    isDeepStrictEqual(redact({ [key]: value }, secrets), { [key]: value });
  return Object.fromEntries(Object.entries(settings).filter(isPlain));
}
