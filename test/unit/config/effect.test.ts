import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { optionList } from '../../../src/config/index.ts';

const src = join(import.meta.dirname, '../../../src');
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && (!path.startsWith('config/') || path === 'config/resolve.ts'))
  .map((path) => readFileSync(join(src, path), 'utf8'))
  .join('\n');

/** An option that nothing reads must say in its doc that it has no effect. */
it('options that claim an effect are read somewhere', () => {
  const idle = optionList
    .filter(([key, { effect }]) => effect === 'now' && !new RegExp(`\\b${key}\\b`).test(sources))
    .map(([key]) => key);
  expect(idle).toEqual([]);
});
