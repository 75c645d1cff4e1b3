import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { announcedSize, compressionOf, isUnpacked, type UnpackRule } from '../../../src/image/format/index.ts';

describe('compression of an image', () => {
  it.each([
    ['gzip', gzipSync('x'), 'gzip'],
    ['zstd', zstdCompressSync('x'), 'zstd'],
    ['zstd behind a frame that is skipped', Buffer.from([0x5a, 0x2a, 0x4d, 0x18]), 'zstd'],
    ['a text that starts alike', Buffer.from('P*Mx'), null],
    ['nothing', Buffer.alloc(0), null],
    ['zeros', Buffer.alloc(512), null],
  ])('%s', (_, head, kind) => {
    expect(compressionOf(head)).toBe(kind);
  });
});

describe('whether a compressed image is unpacked', () => {
  const blob = `https://registry.example/v2/images/os/blobs/sha256:${'ab'.repeat(32)}`;
  const file = 'https://images.example/os.raw.zst';
  it.each<[string, UnpackRule, string | null, readonly string[], boolean]>([
    ['a blob of a registry', 'oci', 'raw', [blob], true],
    ['a blob without declared format', 'oci', null, [blob], true],
    ['a blob declared as GPT disk', 'oci', 'gpt', [blob], true],
    ['a blob of another format', 'oci', 'qcow2', [blob], false],
    ['a blob and a file', 'oci', 'raw', [blob, file], false],
    ['a file', 'oci', 'raw', [file], false],
    ['a file where all are', 'always', 'raw', [file], true],
    ['a file of another format where all are', 'always', 'iso', [file], false],
    ['a blob where none is', 'never', 'raw', [blob], false],
  ])('%s', (_, rule, declared, urls, unpacked) => {
    expect(
      isUnpacked(
        rule,
        declared,
        urls.map((url) => new URL(url)),
      ),
    ).toBe(unpacked);
  });
});

describe('size that a zstd frame announces', () => {
  const magic = [0x28, 0xb5, 0x2f, 0xfd];
  it.each([
    ['one byte', [...magic, 0x20, 200], 200],
    ['two bytes', [...magic, 0x60, 1, 1], 513],
    ['four bytes behind a window', [...magic, 0x80, 0x58, 0, 0, 0, 2], 33_554_432],
    ['eight bytes behind a dictionary', [...magic, 0xe2, 7, 7, 0, 0, 0, 0, 1, 0, 0, 0], 4_294_967_296],
    ['none', [...magic, 0x00, 0x58, 1, 2, 3], null],
    ['a header cut short', [...magic, 0x80, 0x58, 0], null],
    ['gzip', [0x1f, 0x8b, 8, 0, 0, 0, 0, 0], null],
  ])('%s', (_, head, size) => {
    expect(announcedSize(Buffer.from(head))).toBe(size);
  });
});
