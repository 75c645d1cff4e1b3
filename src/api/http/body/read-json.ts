import { formatBytes } from '../../../core/index.ts';
import { BadRequest, BodyTooLarge } from '../errors.ts';
import { type BodyLimits, bodyLimits } from './limits.ts';
import { createJsonScanner } from './scanner.ts';

/** What is needed of a request: its size as announced, and its bytes. */
export interface Body {
  readonly announcedBytes: number | null;
  readonly stream: NodeJS.ReadableStream;
}

/**
 * The whole body as JSON. After a fault the rest is read and dropped: a client that is still sending would otherwise
 * see a broken connection and not the answer.
 * @throws BadRequest, BodyTooLarge
 */
export function readJson({ announcedBytes, stream }: Body, limits: BodyLimits = bodyLimits): Promise<unknown> {
  const scanner = createJsonScanner(limits, announcedBytes);
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      stream.removeListener('data', take);
      stream.resume();
      try {
        finish();
      } catch (error) {
        reject(error);
      }
    };
    const take = (chunk: Buffer) => {
      try {
        scanner.push(chunk);
      } catch (error) {
        settle(() => reject(error));
      }
    };
    stream.on('end', () => settle(() => resolve(scanner.end())));
    stream.on('error', (error) => settle(() => reject(BadRequest('the connection broke', { cause: error }))));
    stream.on('close', () => settle(() => reject(BadRequest('the body is incomplete'))));
    if (announcedBytes !== null && announcedBytes > limits.maxBytes) {
      settle(() => reject(BodyTooLarge(`${formatBytes(announcedBytes)}, at most ${formatBytes(limits.maxBytes)}`)));
      return;
    }
    stream.on('data', take);
  });
}
