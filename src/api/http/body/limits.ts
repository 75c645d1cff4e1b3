import { MiB } from '../../../core/index.ts';

export interface BodyLimits {
  /** Of the whole body. */
  readonly maxBytes: number;
  /** Of the body without its long strings: that part becomes objects in the JavaScript heap. */
  readonly maxPlainBytes: number;
  /** Strings from this length on are long: node keeps their text outside the heap. */
  readonly longBytes: number;
  readonly maxDepth: number;
}

/**
 * A deployment carries its config drive up to three times, each up to about 90 MB of base64 (protocol.md 7.1): 270 MB,
 * and half as much again in reserve. The rest of such a body, the node with its ports, is far below 1 MiB.
 */
export const bodyLimits: BodyLimits = {
  maxBytes: 384 * MiB,
  maxPlainBytes: 16 * MiB,
  longBytes: 2 * MiB,
  maxDepth: 100,
};
