import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectUnix } from '../../../lab/machine/qmp.ts';
import { createSerial, type Serial } from '../../../lab/machine/serial.ts';

const directory = mkdtempSync(join(tmpdir(), 'serial-'));
const path = join(directory, 'socket');
const peers: Socket[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer((socket) => void peers.push(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
afterAll(() => {
  for (const peer of peers) peer.destroy();
  server.close();
  rmSync(directory, { recursive: true });
});

async function attached(serial: Serial): Promise<Socket> {
  const before = peers.length;
  serial.attach(await connectUnix(path));
  await expect.poll(() => peers.length).toBe(before + 1);
  const peer = peers.at(-1);
  if (peer === undefined) throw new Error('no peer');
  return peer;
}

const wait = { timeoutMs: 2000, machine: 'n1' };
const { signal } = new AbortController();

describe('serial console', () => {
  it('cuts output into clean lines, wherever the packets break', async () => {
    const serial = createSerial();
    const seen: string[] = [];
    serial.onLine((line) => seen.push(line));
    const peer = await attached(serial);
    peer.write('\u001b[2J\u001b[01;01Hfirst l');
    await serial.waitFor(/first l/, wait, signal);
    peer.write('ine\r\nsec\u001b[0mond\r\nlogin: ');
    await serial.waitFor(/login: $/, wait, signal);
    expect(seen).toEqual(['first line', 'second']);
    expect(serial.lines()).toEqual(['first line', 'second', 'login: ']);
  });

  it('finds what came before it was asked, and gives its groups', async () => {
    const serial = createSerial();
    const peer = await attached(serial);
    peer.write('disk: /dev/vda\n');
    await serial.waitFor(/disk/, wait, signal);
    expect((await serial.waitFor(/disk: (.*)/g, wait, signal))[1]).toBe('/dev/vda');
  });

  it('forgets the last power cycle', async () => {
    const serial = createSerial();
    const peer = await attached(serial);
    peer.write('up\n');
    await serial.waitFor(/up/, wait, signal);
    await attached(serial);
    await expect(serial.waitFor(/up/, { ...wait, timeoutMs: 50 }, signal)).rejects.toThrow(
      'n1: /up/ did not appear on the serial console within 50ms; last lines: ',
    );
  });

  it('writes to the guest', async () => {
    const serial = createSerial();
    const peer = await attached(serial);
    const got = new Promise((resolve) => peer.once('data', (data) => resolve(String(data))));
    serial.write('root\n');
    expect(await got).toBe('root\n');
  });

  it('stops waiting when told', async () => {
    const serial = createSerial();
    const stop = new AbortController();
    const waiting = serial.waitFor(/never/, wait, stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(serial.waitFor(/never/, wait, stop.signal)).rejects.toThrow('enough');
  });
});
