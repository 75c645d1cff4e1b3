export { readGuestHead } from './guest-head.ts';
export { parseQcow2Header, type Qcow2Header } from './header.ts';
export { type FileRange, type Qcow2Layout, type RangeReader, readLayout } from './layout.ts';
export { pourQcow2 } from './pour.ts';
