import { Type } from 'typebox';
import { fits } from '../../src/core/index.ts';
import type { ImageSpec, WrittenImage } from '../scenario/index.ts';

/** What `write_image` answers beside its text. */
const DeployResult = Type.Object({
  device: Type.String(),
  format: Type.String(),
  wire_bytes: Type.Number(),
  disk_bytes: Type.Number(),
  virtual_size: Type.Number(),
  algorithm: Type.String(),
  digest: Type.String(),
  duration_ms: Type.Number(),
});

/** What was written where; null when the agent did not say. */
export function readWritten(result: unknown, image: ImageSpec, why: string | null): WrittenImage | null {
  if (!fits(DeployResult, result)) return null;
  return {
    device: result.device,
    why,
    format: result.format,
    wireBytes: result.wire_bytes,
    diskBytes: result.disk_bytes,
    virtualSize: result.virtual_size,
    durationMs: result.duration_ms,
    algorithm: result.algorithm,
    digest: result.digest,
    verified: result.algorithm === 'sha256' && result.digest.toLowerCase() === image.sha256,
  };
}
