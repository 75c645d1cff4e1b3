import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');
export const dist = join(root, 'dist');
/** Everything here can be deleted at any time; the next build is then slower. */
export const cache = join(root, '.cache');
