import { expect, it } from 'vitest';
import { createFiles } from '../../src/system/index.ts';

/** Mode 0200, like `/proc/sys/vm/drop_caches`, where the kernel lets root do no more than the mode says. */
const FLUSH = '/proc/sys/net/ipv4/route/flush';

it('a control of the kernel that nobody may read can be written', async () => {
  await expect(createFiles().poke(FLUSH, '1')).resolves.toBeUndefined();
});
