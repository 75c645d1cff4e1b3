export { createHoles } from './holes.ts';
export { mbrSignature } from './mbr-signature.ts';
export { openForWriting } from './open.ts';
export { blankEnds, publishEnds, readAt } from './publish.ts';
export * from './recognise.ts';
export { isMapping, rescan } from './rescan.ts';
export { createSink, type Run, type Sink } from './sink.ts';
export { tailStartOf, type Withheld, withheldEnds } from './withheld.ts';
