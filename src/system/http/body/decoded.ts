import { KiB } from '../../../core/index.ts';
import { createStreamDecoder } from '../../threads/index.ts';
import type { Body } from './body.ts';
import { TransferFailed } from './errors.ts';

const PIECE = 64 * KiB;

/** The content of a body that came gzip-coded although nobody asked for that (imaging 2.1). How long it is shows only at
 * its end. */
export function gunzipped(body: Body): Body {
  const decoder = createStreamDecoder('gzip');
  const buffer = new Uint8Array(PIECE);
  let input = buffer.subarray(0, 0);
  let isLast = false;
  let closed = false;

  /** What one step makes; null when it needs more input. */
  function step(into: Uint8Array): number | null {
    if (closed) throw TransferFailed('the transfer was given up');
    const made = decoder.step(input, into, isLast);
    if ('fault' in made) throw TransferFailed(`the gzip coding of the answer is damaged: ${made.fault}`);
    if (made.left > 0 && made.made < into.length) throw TransferFailed('other bytes follow the gzip-coded answer');
    input = input.subarray(input.length - made.left);
    return made.made > 0 || isLast ? made.made : null;
  }

  return {
    ...body,
    length: null,
    coded: true,
    async fill(into) {
      for (;;) {
        if (input.length === 0 && !isLast) {
          input = buffer.subarray(0, await body.fill(buffer));
          isLast = input.length === 0;
        }
        const made = into.length === 0 ? 0 : step(into);
        if (made !== null) return made;
      }
    },
    close(reason) {
      if (!closed) decoder.close();
      closed = true;
      body.close(reason);
    },
  };
}
