import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Log, tellNobody } from '../../src/core/index.ts';
import { type ImageSettings, injectFiles, readEntries } from '../../src/image/index.ts';
import type { Tool, Tools } from '../../src/system/index.ts';
import { realImagePorts, testSettings } from '../kit/image-ports.ts';
import { type ImageServer, startImageServer } from '../kit/image-server.ts';

/**
 * Contents at an address, from real servers that misbehave. What is mounted elsewhere is a folder here: mounting is
 * tested in inject-files.test.ts.
 */
let base = '';
let server: ImageServer;
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'inject-content-'));
  mkdirSync(join(base, 'etc'));
  writeFileSync(join(base, 'etc/motd'), 'old');
  server = await startImageServer();
});
afterEach(async () => {
  await server.close();
  rmSync(base, { recursive: true });
});

const events: string[] = [];
const note = (event: string, fields?: unknown) => void events.push(`${event} ${JSON.stringify(fields)}`);
const log: Log = { debug: note, info: note, warn: note, error: note };

/** The device is never touched: a folder of this test is bound where it would be mounted. */
function ports() {
  const real = realImagePorts(log);
  const tools: Tools = {
    async run<I, O>(tool: Tool<I, O>, input: I, signal?: AbortSignal): Promise<O> {
      const argv = tool.argv(input);
      const stdout = tool.bin === 'blkid' ? 'TYPE=ext4\n' : '';
      if (tool.bin === 'cp') return real.tools.run(tool, input, signal);
      if (tool.bin !== 'blkid' && tool.bin !== 'mount' && tool.bin !== 'umount') throw new Error(tool.bin);
      asked.push(`${tool.bin} ${tool.bin === 'mount' ? argv[3] : ''}`.trim());
      return tool.parse({ exitCode: 0, stdout, stderr: '', bytes: Buffer.from(stdout) }, input);
    },
  };
  const files = {
    ...real.files,
    real: async (path: string) => path,
    kind: async () => 'block' as const,
    makeTempDir: async () => base,
    removeEmptyDir: async () => undefined,
  };
  return { ...real, tools, files };
}
const asked: string[] = [];
beforeEach(() => {
  asked.length = 0;
  events.length = 0;
});

function put(content: string, more: object = {}, settings: ImageSettings = testSettings, signal?: AbortSignal) {
  const file = { path: '/etc/motd', partition: '/dev/sda2', content, ...more };
  const facts = { node: { uuid: 'node-7' }, ports: [{ address: '52:54:00:00:00:01' }] };
  const files = readEntries({ ofNode: null, ofStep: [file], facts, md5Enabled: true });
  return injectFiles(ports(), { files, disk: null, settings }, tellNobody, signal ?? new AbortController().signal);
}
const motd = () => readFileSync(join(base, 'etc/motd'), 'utf8');
const digest = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');
const untouched = () => {
  expect(motd()).toBe('old');
  expect(readdirSync(join(base, 'etc'))).toEqual(['motd']);
  expect(asked).toEqual(['blkid', 'mount rw,nodev,nosuid,noexec', 'umount']);
};

describe('the content of a file at an address', () => {
  it('is fetched with fields filled in, checked, and written', async () => {
    const url = server.serve('/files/node-7/52:54:00:00:00:01', { content: Buffer.from('new') });
    expect(url).toContain('node-7');
    await put(`${server.url}/files/{node[uuid]}/{ports[0][address]}`, { checksum: `sha256:${digest('new')}` });
    expect(motd()).toBe('new');
    expect(asked).toEqual(['blkid', 'mount rw,nodev,nosuid,noexec', 'umount']);
  });

  it.each([0, 1, 1 << 20, (3 << 20) + 7])('of %d bytes is whole', async (length) => {
    const content = Buffer.alloc(length, 'abc');
    await put(server.serve('/x', { content, chunked: length > 1 }), { checksum: digest(content) });
    expect(digest(readFileSync(join(base, 'etc/motd')))).toBe(digest(content));
  });

  it('is fetched again and goes on after faults, as often as images are', async () => {
    const content = Buffer.alloc(2 << 20, 'x');
    const faults = [{ kind: 'status', status: 503 } as const, { kind: 'cut', after: 1 << 19 } as const];
    await put(server.serve('/x', { content, faults }), { checksum: digest(content) });
    expect(motd()).toBe(content.toString());
    expect(server.requests.map(({ range }) => range)).toEqual([null, null, expect.stringMatching(/^bytes=\d+-$/)]);
  });

  it('with another digest leaves the old file, and says so', async () => {
    const url = server.serve('/x', { content: Buffer.from('evil') });
    const failing = put(url, { checksum: digest('good') });
    await expect(failing).rejects.toMatchObject({
      type: 'CommandExecutionError',
      details: `cannot write /etc/motd on /dev/sda2: it has sha256 ${digest('evil')}, expected was ${digest('good')}; nothing was changed before`,
    });
    untouched();
  });

  it.each([
    ['that is not there', 404, 1],
    ['of a server that stays broken', 500, testSettings.retries + 1],
  ])('%s leaves the old file', async (_what, status, tries) => {
    const faults = Array.from({ length: 20 }, () => ({ kind: 'status' as const, status }));
    server.serve('/x', { content: Buffer.from('x'), faults });
    await expect(put(`${server.url}/x?secret=1`)).rejects.toMatchObject({
      type: 'CommandExecutionError',
      details: expect.stringMatching(
        /^cannot write \/etc\/motd on \/dev\/sda2: Download of image \/etc\/motd failed: /,
      ),
    });
    expect(server.requests).toHaveLength(tries);
    untouched();
  });

  it('is not asked for with the credentials of image servers, and queries are in no log', async () => {
    server.serve('/x', { content: Buffer.from('new') });
    const settings = { ...testSettings, server: { strategy: 'http_basic', user: 'u', password: 'p' } };
    await put(`${server.url}/x?key=very-secret`, {}, settings);
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([null]);
    expect(motd()).toBe('new');
    expect(events.join('\n')).not.toContain('very-secret');
  });

  it('that takes longer than image_download_max_duration is given up', async () => {
    const url = server.serve('/x', { content: Buffer.alloc(99), faults: [{ kind: 'stall', after: 10 }] });
    await expect(put(url, {}, { ...testSettings, maxDurationMs: 300 })).rejects.toThrow('not done after 0.3 s');
    untouched();
  });

  it('that is cancelled leaves the old file and nothing mounted', async () => {
    const abort = new AbortController();
    const url = server.serve('/x', { content: Buffer.alloc(99), faults: [{ kind: 'stall', after: 10 }] });
    const running = put(url, {}, testSettings, abort.signal);
    setTimeout(() => abort.abort(new Error('the operator wants it')), 300);
    await expect(running).rejects.toThrow('the operator wants it');
    untouched();
  });
});

describe('a server with a certificate that nobody knows', () => {
  let tls: ImageServer;
  beforeEach(async () => {
    const [key, cert] = [join(base, 'key'), join(base, 'cert')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const argv = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      ...subject,
      '-keyout',
      key,
      '-out',
      cert,
    ];
    execFileSync('openssl', argv, { stdio: 'ignore' });
    tls = await startImageServer({ key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') });
    tls.serve('/x', { content: Buffer.from('new') });
  });
  afterEach(() => tls.close());

  it('is refused, unless verification is off or its authority is known', async () => {
    await expect(put(`${tls.url}/x`)).rejects.toMatchObject({ type: 'CommandExecutionError' });
    untouched();
    const known = { ...testSettings, tls: { ...testSettings.tls, cafile: join(base, 'cert') } };
    await put(`${tls.url}/x`, {}, known);
    expect(motd()).toBe('new');
    writeFileSync(join(base, 'etc/motd'), 'old');
    await put(`${tls.url}/x`, {}, { ...testSettings, tls: { ...testSettings.tls, insecure: true } });
    expect(motd()).toBe('new');
  });
});
