/** `npm run docs`: writes docs/reference from the declarations. `--check` only says what is stale. */
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { referencePages, staleFiles, writePages } from './docs/index.ts';
import { BuildFailed, root } from './kit/index.ts';

const folder = join(root, 'docs', 'reference');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const pages = await referencePages();
  const stale = staleFiles(folder, pages).map((file) => relative(root, join(folder, file)));
  if (values.check) {
    if (stale.length > 0) throw new BuildFailed(`stale, run "npm run docs":\n${stale.join('\n')}`);
    return;
  }
  writePages(folder, pages);
  console.log(stale.length === 0 ? 'docs: nothing to do' : `docs: wrote ${stale.join(', ')}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof BuildFailed)) throw error;
  console.error(`docs: ${error.message}`);
  process.exitCode = 1;
}
