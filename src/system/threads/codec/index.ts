export { type DecodeFault, type DecodePiece, decodePieces } from './batch.ts';
export { createDecodeCrew, type DecodeCrew } from './crew.ts';
export { DecoderLost } from './errors.ts';
export { createOneShotDecoder, type OneShotDecoder } from './one-shot.ts';
export { createStreamDecoder, type StreamCodec, type StreamStep } from './stream.ts';
export { createStreamThread, type StreamThread } from './stream-thread.ts';
