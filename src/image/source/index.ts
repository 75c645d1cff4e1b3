export { type Access, createAttempts, unwantedAnswer } from './attempts.ts';
export { findDigest, type KnownDigest, resolveDigest } from './checksum-file.ts';
export { fetchDocument } from './document.ts';
export { type Download, isImageChanged, openDownload } from './download.ts';
export { openRanges, type RangeSource } from './ranges.ts';
export { openSession } from './session.ts';
export { type Unpacked, unpack } from './unpacked.ts';
