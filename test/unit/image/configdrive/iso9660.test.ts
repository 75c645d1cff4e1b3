import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentError } from '../../../../src/core/index.ts';
import { readIso } from '../../../../src/image/configdrive/iso9660.ts';

const tree: Readonly<Record<string, string>> = {
  'openstack/latest/meta_data.json': '{"hostname":"n1"}',
  'openstack/latest/user_data': '#!/bin/sh\n'.repeat(500),
  'openstack/content/0000': '',
  'ec2/2009-04-04/meta-data.json': '{}',
  'a file with Blanks and CAPITALS.txt': 'x',
};
let work = '';
beforeAll(() => {
  work = mkdtempSync('/tmp/iso-test-');
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(work, 'tree', path)), { recursive: true });
    writeFileSync(join(work, 'tree', path), text);
  }
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function isoWith(...flags: string[]): Uint8Array {
  const out = join(work, 'out.iso');
  execFileSync('xorriso', ['-as', 'mkisofs', '-quiet', ...flags, '-V', 'config-2', '-o', out, join(work, 'tree')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return readFileSync(out);
}
const textOf = (image: Uint8Array) =>
  Object.fromEntries(readIso(image).map(({ path, bytes }) => [path, Buffer.from(bytes).toString('utf8')]));

describe('an ISO 9660 config drive', () => {
  it.each([[['-J', '-R']], [['-J']], [['-R']]])('yields every file under its real name, made with %j', (flags) => {
    expect(textOf(isoWith(...flags))).toEqual(tree);
  });

  it('never makes the reader crash or hang when it is damaged', () => {
    const good = isoWith('-J', '-R');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 120_000 }), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 40 }),
        fc.nat({ max: good.length }),
        (damage, cut) => {
          const image = good.slice(0, cut);
          for (const [at, value] of damage) if (at + 32_768 < image.length) image[at + 32_768] = value;
          try {
            readIso(image);
          } catch (error) {
            expect(error).toBeInstanceOf(AgentError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
