import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
/** A file system of its own over `/etc`, filled with what the first argument holds. */
const OWN_ETC = 'mount -t tmpfs none /etc && cp -a "$1/." /etc/ && shift && exec "$@"';

let place = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'default-files-'));
  for (const name of ['home', 'etc']) mkdirSync(join(place, name));
});
afterEach(() => rmSync(place, { recursive: true }));

/** `{'etc/x.conf': 'listen_port = 81'}` */
function put(files: Readonly<Record<string, string>>): void {
  for (const [name, setting] of Object.entries(files)) {
    const path = join(place, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `[DEFAULT]\n${setting}\n`);
  }
}

/** Values in force that came from files, by option. */
async function inForce(...flags: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const program = [process.execPath, MAIN, 'config', ...flags];
  const env = { PATH: process.env.PATH, HOME: join(place, 'home') };
  const args = ['--mount', 'sh', '-c', OWN_ETC, 'sh', join(place, 'etc'), ...program];
  const { stdout } = await promisify(execFile)('unshare', args, { env, timeout: 30_000 });
  const found = stdout.matchAll(/# file (\S+) \[DEFAULT\] line 2\n(\w+) = (.*)\n/g);
  return Object.fromEntries([...found].map(([, , option, value]) => [option ?? '', value ?? '']));
}

const FILE = 'ironic-python-agent.conf';

describe('files that are read without being named (protocol.md 2.1)', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['that of /etc', { [`etc/${FILE}`]: 'listen_port = 81' }, { listen_port: '81' }],
    [
      'that of the home directory instead, where both are',
      { [`home/${FILE}`]: 'listen_port = 82', [`etc/${FILE}`]: 'listen_port = 81\nadvertise_port = 83' },
      { listen_port: '82' },
    ],
    [
      'the directory after the file, in the order of names, only .conf',
      {
        [`etc/${FILE}`]: 'listen_port = 81',
        [`etc/${FILE}.d/b.conf`]: 'listen_port = 85',
        [`etc/${FILE}.d/a.conf`]: 'listen_port = 84',
        [`etc/${FILE}.d/c.conf.bak`]: 'listen_port = 86',
      },
      { listen_port: '85' },
    ],
    [
      'one directory, that of the home directory first',
      { [`home/${FILE}.d/a.conf`]: 'listen_port = 82', [`etc/${FILE}.d/a.conf`]: 'listen_port = 81' },
      { listen_port: '82' },
    ],
    ['none of another name', { 'etc/ironic-python-agent/a.conf': 'listen_port = 81' }, {}],
  ])('%s', async (_what, files, expected) => {
    put(files);
    expect(await inForce()).toEqual(expected);
  });

  it('the file also beside a named directory, which comes after it: images name one always', async () => {
    put({ [`etc/${FILE}`]: 'listen_port = 81', [`etc/${FILE}.d/a.conf`]: 'advertise_port = 84' });
    put({ 'etc/ironic-python-agent.d/x.conf': 'ntp_server = ntp' });
    expect(await inForce('--config-dir', '/etc/ironic-python-agent.d/')).toEqual({
      listen_port: '81',
      ntp_server: 'ntp',
    });
    put({ 'etc/ironic-python-agent.d/x.conf': 'listen_port = 87' });
    expect(await inForce('--config-dir', '/etc/ironic-python-agent.d/')).toEqual({ listen_port: '87' });
  });

  it('the directory also beside a named file, which comes after it; nothing beside both', async () => {
    put({ [`etc/${FILE}`]: 'listen_port = 81', [`etc/${FILE}.d/a.conf`]: 'advertise_port = 84' });
    put({ 'etc/named.conf': 'ntp_server = ntp', 'etc/named.d/x.conf': 'listen_port = 87' });
    const named = ['--config-file', '/etc/named.conf'];
    expect(await inForce(...named)).toEqual({ advertise_port: '84', ntp_server: 'ntp' });
    expect(await inForce(...named, '--config-dir', '/etc/named.d')).toEqual({ listen_port: '87', ntp_server: 'ntp' });
  });
});
