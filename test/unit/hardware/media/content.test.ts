import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfigurationFiles } from '../../../../src/hardware/media/copy.ts';
import { readParameters } from '../../../../src/hardware/media/parameters.ts';
import { createFiles } from '../../../../src/system/index.ts';

const files = createFiles();
const MIB = 1024 * 1024;
let work = '';
let root = '';

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'medium-'));
  root = join(work, 'medium');
  writeFileSync(join(work, 'out'), 'not on the medium');
  mkdirSync(root);
});
afterEach(() => rmSync(work, { recursive: true }));

const put = (path: string, data: string | Uint8Array = '') => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), data);
};
const large = (path: string) => {
  put(path);
  truncateSync(join(root, path), 2 ** 30);
};
const pipe = (path: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  execFileSync('mkfifo', [join(root, path)]);
};
const many = (count: number, make: (n: number) => void) => {
  for (let n = 0; n < count; n += 1) make(n);
};
const link = (path: string, target: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  symlinkSync(target, join(root, path));
};

describe('parameters.txt of a floppy', () => {
  const read = () => readParameters(files, root, '/dev/sdb');

  it('is read as it is', async () => {
    put('parameters.txt', 'ipa-api-url=http://a\nipa-debug=1\n');
    expect(await read()).toBe('ipa-api-url=http://a\nipa-debug=1\n');
  });

  it('may be absent', async () => {
    expect(await read()).toBeNull();
  });

  it.each<readonly [string, () => void, RegExp]>([
    ['a folder', () => mkdirSync(join(root, 'parameters.txt')), /is not a file/],
    ['a pipe', () => pipe('parameters.txt'), /is not a file/],
    ['a link to a secret', () => link('parameters.txt', '/etc/passwd'), /is a symbolic link/],
    ['a link to nothing', () => link('parameters.txt', '/nowhere'), /is not a file/],
    ['one GiB of nothing', () => large('parameters.txt'), /larger than 64 KiB/],
    ['binary', () => put('parameters.txt', Uint8Array.of(0x7f, 0x45, 0, 0xff)), /is not text/],
    ['text with zero bytes', () => put('parameters.txt', 'a=1\0b=2'), /is not text/],
  ])('is refused when it is %s', async (_what, make, why) => {
    make();
    await expect(read()).rejects.toThrow(why);
    await expect(read()).rejects.toThrow('parameters.txt on /dev/sdb');
  });

  it('fails when the medium cannot be read', async () => {
    rmSync(root, { recursive: true });
    await expect(read()).rejects.toThrow('ENOENT');
    mkdirSync(root);
  });
});

describe('configuration files of a CD', () => {
  const read = async () =>
    (await readConfigurationFiles(files, root, '/dev/sr0')).map(({ to, data }) => [to, String(data)]);

  it('are those of two folders, nested ones too, and nothing else', async () => {
    put('etc/ironic-python-agent/ironic.crt', 'PEM');
    put('etc/ironic-python-agent.d/ironic-tls.conf', '[DEFAULT]\ncafile = /etc/ironic-python-agent/ironic.crt\n');
    put('etc/ironic-python-agent.d/more/notes/a.conf', '[DEFAULT]\n');
    put('etc/passwd', 'root::0:0');
    put('openstack/latest/meta_data.json', '{}');
    expect(await read()).toEqual([
      ['/etc/ironic-python-agent/ironic.crt', 'PEM'],
      ['/etc/ironic-python-agent.d/ironic-tls.conf', '[DEFAULT]\ncafile = /etc/ironic-python-agent/ironic.crt\n'],
      ['/etc/ironic-python-agent.d/more/notes/a.conf', '[DEFAULT]\n'],
    ]);
  });

  it('may be absent, the folders too', async () => {
    expect(await read()).toEqual([]);
    put('etc/other', '');
    mkdirSync(join(root, 'etc/ironic-python-agent'));
    expect(await read()).toEqual([]);
  });

  it('may be links inside the medium', async () => {
    put('certs/ca.pem', 'PEM');
    link('etc/ironic-python-agent/ironic.crt', '../../certs/ca.pem');
    expect(await read()).toEqual([['/etc/ironic-python-agent/ironic.crt', 'PEM']]);
  });

  const conf = 'etc/ironic-python-agent.d';
  it.each<readonly [string, () => void, RegExp]>([
    [
      'a link to a file of the ramdisk',
      () => link(`${conf}/a.conf`, '/etc/passwd'),
      /a\.conf on \/dev\/sr0 is a link that leaves the medium/,
    ],
    ['a relative link out of the medium', () => link(`${conf}/a.conf`, '../../../out'), /leaves the medium/],
    ['a link to a folder of the ramdisk', () => link(`${conf}/x`, '/etc'), /leaves the medium/],
    ['a folder that is itself such a link', () => link(conf, '/etc'), /leaves the medium/],
    ['an etc that is such a link', () => link('etc', '/etc'), /^.*(leaves the medium)/],
    ['a dangling link', () => link(`${conf}/a.conf`, '/nowhere/at/all'), /link to nothing/],
    ['a link in a circle', () => link(`${conf}/a.conf`, 'a.conf'), /link to nothing/],
    ['folders in a circle', () => link(`${conf}/again`, '.'), /nested deeper than 8/],
    ['many folders in circles', () => many(3, (n) => link(`${conf}/${n}`, '.')), /deeper|one entry more/],
    ['a pipe', () => pipe(`${conf}/p`), /neither a file nor a folder/],
    ['a file of one GiB', () => large(`${conf}/a.conf`), /larger than 4 MiB/],
    [
      'many large files',
      () => many(5, (n) => put(`etc/ironic-python-agent/${n}`, new Uint8Array(4 * MIB))),
      /more than 16 MiB/,
    ],
    ['very many files', () => many(300, (n) => put(`etc/ironic-python-agent/${n}`)), /one entry more than 256/],
    ['a binary .conf', () => put(`${conf}/a.conf`, Uint8Array.of(1, 2, 3)), /is not text/],
  ])('are refused with %s', async (_what, make, why) => {
    put('etc/ironic-python-agent/good.crt', 'PEM');
    if (_what === 'an etc that is such a link') rmSync(join(root, 'etc'), { recursive: true });
    make();
    await expect(read()).rejects.toThrow(why);
  });
});
