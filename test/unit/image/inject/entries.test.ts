import { describe, expect, it } from 'vitest';
import { AgentError } from '../../../../src/core/index.ts';
import { readEntries } from '../../../../src/image/index.ts';

const facts = { node: { uuid: 'u-1' }, ports: [{ address: '52:54:00:00:00:01' }] };
const read = (ofStep: unknown, ofNode?: unknown) => readEntries({ ofNode, ofStep, facts, md5Enabled: false });
const content = Buffer.from('hello').toString('base64');
const file = { path: '/etc/motd', content };
const sha256 = 'a'.repeat(64);

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof AgentError) return `${error.type}: ${error.details}`;
  }
  return 'accepted';
}

describe('the files of a node and a step', () => {
  it.each([undefined, null, []])('%j are none', (list) => {
    expect(read(list, list)).toEqual([]);
  });

  it('come in the order node, step', () => {
    expect(read([file], [{ path: '/a/b', deleted: true }]).map(({ path, kind }) => [path, kind])).toEqual([
      ['/a/b', 'delete'],
      ['/etc/motd', 'write'],
    ]);
  });

  it('have nothing that is not asked for', () => {
    expect(read([file])).toEqual([
      {
        kind: 'write',
        path: '/etc/motd',
        partition: { by: 'folder' },
        content: { base64: content },
        ...{ mode: null, folderMode: null, owner: null, group: null },
      },
    ]);
    const nulls = {
      partition: null,
      deleted: null,
      mode: null,
      dirmode: null,
      owner: null,
      group: null,
      checksum: null,
    };
    expect(read([{ ...file, ...nulls }])).toEqual(read([file]));
  });

  it('have what is asked for', () => {
    const asked = { mode: 0o4755, dirmode: 448, owner: 0, group: 'www-data', partition: 2, deleted: false };
    expect(read([{ ...file, ...asked }])).toMatchObject([
      { mode: 0o4755, folderMode: 0o700, owner: 0, group: 'www-data', partition: { by: 'number', number: 2 } },
    ]);
  });

  it.each([
    ['', ''],
    ['aGk=', 'aGk='],
    ['aG\nkh\n', 'aGkh'],
  ])('may be %j', (text, base64) => {
    expect(read([{ ...file, content: text }])).toMatchObject([{ content: { base64 } }]);
  });

  it('may be at an address with fields and a checksum', () => {
    const remote = {
      path: '/etc/x',
      content: 'https://s/{node[uuid]}?mac={ports[0][address]}',
      checksum: `sha256:${sha256}`,
    };
    const url = new URL('https://s/u-1?mac=52:54:00:00:00:01');
    const digest = { kind: 'value', algorithm: 'sha256', digest: sha256, note: null };
    expect(read([remote])).toMatchObject([{ content: { url, digest } }]);
    expect(read([{ ...remote, checksum: undefined }])).toMatchObject([{ content: { url, digest: null } }]);
  });

  it.each<readonly [unknown, unknown]>([
    [1, { by: 'number', number: 1 }],
    ['12', { by: 'number', number: 12 }],
    ['/dev/disk/by-label/x', { by: 'device', device: '/dev/disk/by-label/x' }],
    ['PARTUUID=ab-01', { by: 'partuuid', value: 'ab-01' }],
    ['UUID=AB', { by: 'uuid', value: 'AB' }],
    ['LABEL=my root', { by: 'label', value: 'my root' }],
    ['PARTLABEL=x', { by: 'partlabel', value: 'x' }],
    ['cloudimg-rootfs', { by: 'any', value: 'cloudimg-rootfs' }],
  ])('may be on partition %j', (partition, ref) => {
    expect(read([{ ...file, path: '/x', partition }])).toMatchObject([{ partition: ref }]);
  });

  it.each<readonly [unknown, string]>([
    ['x', 'must be an object'],
    [null, 'must be an object'],
    [[], 'must be an object'],
    [{ ...file, contents: '' }, 'unknown key contents'],
    [{ content }, 'path is missing'],
    [{ path: '', content }, 'path is missing'],
    [{ path: 7, content }, 'path must be text'],
    [{ path: 'etc/motd', content }, 'path must be absolute'],
    [{ path: '/etc/', content }, 'path must name a file, not end in /'],
    [{ path: '/', content }, 'path must name a file, not end in /'],
    [{ path: '/motd', content }, 'a file in / needs a partition'],
    [{ path: '//motd', content }, 'a file in / needs a partition'],
    [{ path: '/../etc/motd', content }, 'path must not contain . or ..'],
    [{ path: '/etc/../motd', content }, 'path must not contain . or ..'],
    [{ path: '/etc/./motd', content }, 'path must not contain . or ..'],
    [{ path: '/etc/a\0b', content }, 'path must not contain a zero byte'],
    [{ path: `/etc/${'a'.repeat(256)}`, content }, 'path is longer than 4096 bytes, or one of its names than 255'],
    [{ path: '/a'.repeat(2049), content }, 'path is longer than 4096 bytes, or one of its names than 255'],
    [{ path: '/etc/x' }, 'content is missing, and deleted is not set'],
    [{ path: '/etc/x', content: null }, 'content is missing, and deleted is not set'],
    [{ path: '/etc/x', deleted: false }, 'content is missing, and deleted is not set'],
    [{ path: '/etc/x', content: 7 }, 'content must be text'],
    [{ ...file, content: 'not base64' }, 'content is neither base64 nor an address'],
    [{ ...file, content: 'aGk' }, 'content is neither base64 nor an address'],
    [{ ...file, content: 'file:///etc/shadow' }, 'content must be base64 or an http:// or https:// address'],
    [{ ...file, content: 'ftp://s/x' }, 'content must be base64 or an http:// or https:// address'],
    [{ ...file, content: 'http://' }, 'content must be base64 or an http:// or https:// address'],
    [{ ...file, content: 'http://s/{node[x]}' }, 'content: {node[x]} does not exist'],
    [{ ...file, deleted: true }, 'content and deleted exclude each other'],
    [{ path: '/etc/x', deleted: 'yes' }, 'deleted must be true or false'],
    [{ ...file, mode: '0644' }, 'mode must be an integer from 0 to 4095'],
    [{ ...file, mode: 0o10000 }, 'mode must be an integer from 0 to 4095'],
    [{ ...file, mode: true }, 'mode must be an integer from 0 to 4095'],
    [{ ...file, dirmode: -1 }, 'dirmode must be an integer from 0 to 4095'],
    [{ ...file, dirmode: 1.5 }, 'dirmode must be an integer from 0 to 4095'],
    [{ ...file, owner: '0' }, 'owner must be an integer or a name'],
    [{ ...file, owner: -1 }, 'owner must be an integer from 0 to 4294967294'],
    [{ ...file, owner: [] }, 'owner must be an integer from 0 to 4294967294'],
    [{ ...file, group: 'a:b' }, 'group must be an integer or a name'],
    [{ ...file, partition: 0 }, 'partition must be a number from 1, a device below /dev, an identifier or a label'],
    [{ ...file, partition: 1.5 }, 'partition must be a number'],
    [{ ...file, partition: '' }, 'partition must be a number'],
    [{ ...file, partition: '/etc/passwd' }, 'partition must be a number'],
    [{ ...file, partition: 'UUID=' }, 'partition must be a number'],
    [{ ...file, partition: {} }, 'partition must be a number'],
    [{ ...file, checksum: sha256 }, 'checksum is for content at an address only'],
    [{ ...file, content: 'http://s/x', checksum: 'zz' }, 'checksum: cannot tell the algorithm'],
    [{ ...file, content: 'http://s/x', checksum: 'http://s/sums' }, 'checksum must be a digest such as'],
    [{ ...file, content: 'http://s/x', checksum: 'a'.repeat(32) }, 'checksum: the image has an MD5 checksum only'],
  ])('%j is refused', (entry, why) => {
    const said = refusal(() => read([entry]));
    expect(said).toMatch(/^InvalidCommandParamsError: inject_files: files\[0\]: /);
    expect(said).toContain(why);
  });

  it.each([{}, 'x', 7, true])('a list that is %j is refused', (list) => {
    expect(refusal(() => read(list, list))).toBe(
      'InvalidCommandParamsError: inject_files: node.properties.inject_files must be a list; files must be a list',
    );
  });

  it('everything that is wrong is named at once', () => {
    const bad = { path: 'x', mode: 'a', deleted: true, content };
    expect(refusal(() => read([bad, file, 7], [{ nope: 1, path: '/a/', content: '' }]))).toBe(
      'InvalidCommandParamsError: inject_files: node.properties.inject_files[0]: unknown key nope; ' +
        'node.properties.inject_files[0]: path must name a file, not end in /; files[0]: path must be absolute; ' +
        'files[0]: mode must be an integer from 0 to 4095; files[0]: content and deleted exclude each other; ' +
        'files[2]: must be an object',
    );
  });

  it('very many are refused, and of very many faults some are shown', () => {
    expect(refusal(() => read(Array.from({ length: 1001 }, () => file)))).toContain('there are more than 1000 files');
    const said = refusal(() => read(Array.from({ length: 100 }, () => 7)));
    expect(said).toContain('files[29]: must be an object; and 70 more');
    expect(said).not.toContain('files[30]');
  });

  it('never shows a content', () => {
    expect(refusal(() => read([{ path: 7, content: 'c2VjcmV0!' }]))).not.toContain('c2VjcmV0');
  });
});
