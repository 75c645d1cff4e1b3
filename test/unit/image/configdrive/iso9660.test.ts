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

const BLOCK = 2048;
/** A directory record; `blocks` long. */
function record(name: string, start: number, blocks: number, directory: boolean): Buffer {
  const bytes = Buffer.alloc(34 + name.length + (name.length % 2));
  bytes[0] = bytes.length;
  bytes.writeUInt32LE(start, 2);
  bytes.writeUInt32LE(blocks * BLOCK, 10);
  bytes[25] = directory ? 2 : 0;
  bytes[32] = name.length;
  bytes.write(name, 33, 'latin1');
  return bytes;
}
/** An image of `blocks` with these folders, by block; each takes one. The root is block 20. */
function isoOf(blocks: number, folders: Readonly<Record<number, readonly Buffer[]>>, rootBlocks = 1): Uint8Array {
  const image = Buffer.alloc(blocks * BLOCK);
  const descriptor = image.subarray(16 * BLOCK);
  descriptor[0] = 1;
  descriptor.write('CD001', 1, 'latin1');
  record('', 20, rootBlocks, true).copy(descriptor, 156);
  for (const [block, records] of Object.entries(folders)) {
    const perBlock = Math.floor(BLOCK / (records[0]?.length ?? 1));
    records.forEach((one, at) => {
      one.copy(image, (Number(block) + Math.floor(at / perBlock)) * BLOCK + (at % perBlock) * one.length);
    });
  }
  return image;
}
const names = (count: number) => Array.from({ length: count }, (_, at) => `n${String(at).padStart(5, '0')}`);

describe('an ISO 9660 config drive that was made to be endless', () => {
  it.each<readonly [string, Uint8Array, RegExp]>([
    [
      'a folder that contains itself',
      isoOf(22, { 20: [record('a', 20, 1, true)] }),
      /folder "a\/" is also another one/,
    ],
    [
      'fifteen levels of folders that are one folder each',
      isoOf(
        40,
        Object.fromEntries(names(15).map((_, at) => [20 + at, names(8).map((n) => record(n, 21 + at, 1, true))])),
      ),
      /is also another one/,
    ],
    [
      'files that share their place',
      isoOf(8300, { 20: names(9).map((name) => record(name, 30, 8192, false)) }),
      /its files have more than 64/,
    ],
    [
      'folders that overlap',
      isoOf(16_384, { 20: names(9).map((name, at) => record(name, 30 + at, 16_000, true)) }),
      /its files have more than 64/,
    ],
    [
      'too many empty files',
      isoOf(400, { 20: names(10_001).map((name) => record(name, 0, 0, false)) }, 300),
      /more than 10000 files and folders/,
    ],
    [
      'too many folders',
      isoOf(10_500, { 20: names(10_001).map((name, at) => record(name, 400 + at, 1, true)) }, 300),
      /more than 10000 files and folders/,
    ],
    [
      'folders that are nested too deeply',
      isoOf(60, Object.fromEntries(names(20).map((_, at) => [20 + at, [record('a', 21 + at, 1, true)]]))),
      /nested too deeply/,
    ],
  ])('is refused: %s', (_what, image, why) => {
    expect(() => readIso(image)).toThrow(why);
  });

  it('is read as long as it is a tree, also with one content for several files', () => {
    const image = isoOf(40, { 20: [record('a', 30, 1, false), record('b', 30, 1, false), record('c', 21, 1, true)] });
    expect(readIso(image).map(({ path, bytes }) => `${path} ${bytes.length}`)).toEqual(['a 2048', 'b 2048']);
  });
});

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
