import { join } from 'node:path';

const cache = join(import.meta.dirname, '..', '..', '..', '.cache');

/** What costs time to make is kept between runs, in the folders that the lab itself uses. */
export const places = { debian: join(cache, 'debian'), images: join(cache, 'images') } as const;
