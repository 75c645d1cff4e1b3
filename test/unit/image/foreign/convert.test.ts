import { describe, expect, it } from 'vitest';
import { MiB, silentLog } from '../../../../src/core/index.ts';
import { convertBody, type Examined, examine } from '../../../../src/image/foreign/index.ts';
import { type BlockDevice, type ForeignImage, qemuImgConvert, qemuImgInfo } from '../../../../src/system/index.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const never = new AbortController().signal;
const rules = { memoryBytes: 2048 * MiB, attempts: 3 };
const device: BlockDevice = {
  ...{ path: '/dev/sdb', direct: true, write: async () => undefined, read: async () => 0 },
  ...{ sync: async () => undefined, close: async () => undefined },
};
const at = { path: '/dev/sdb', kind: 'disk', offset: 900 * MiB, length: 10 * MiB } as const;
const image: ForeignImage = { driver: 'vmdk', at, memoryBytes: rules.memoryBytes };
const examined: Examined = { format: 'vmdk', image, virtualSize: 40 * MiB, head: new Uint8Array(MiB) };

const body = { disk: '/dev/sdb', from: MiB, to: 40 * MiB, meter: () => undefined };
const conversion = ['qemu-img', ...qemuImgConvert.argv({ image, from: MiB, to: target(), tell: () => undefined })];
function target() {
  return { path: '/dev/sdb', kind: 'disk', offset: MiB, length: 39 * MiB } as const;
}
const SHORT = 'qemu: qemu_thread_create: Resource temporarily unavailable';

const convert = (...calls: readonly RecordedCall[]) => {
  const tools = recordedTools(calls);
  const done = convertBody({ tools, log: silentLog }, rules, examined, body, never);
  return { tools, done };
};

describe('conversion', () => {
  it('names driver and windows, and opens nothing else', () => {
    const node = (text: string | undefined) => JSON.parse((text ?? '').replace(/^json:/, ''));
    expect(conversion.slice(0, 11).join(' ')).toBe('qemu-img convert -n -p -W -S 0 -O raw -t none');
    const disk = { driver: 'host_device', filename: '/dev/sdb', locking: 'off' };
    expect(node(conversion[11])).toEqual({
      ...{ driver: 'raw', offset: MiB, size: 39 * MiB },
      file: {
        ...{ driver: 'vmdk', backing: null },
        file: { driver: 'raw', offset: 900 * MiB, size: 10 * MiB, file: disk },
      },
    });
    expect(node(conversion[12])).toEqual({ driver: 'raw', offset: MiB, size: 39 * MiB, file: disk });
  });

  it('hears how far it is', () => {
    const heard: number[] = [];
    const input = { image, from: 0, to: target(), tell: (share: number) => heard.push(share) };
    qemuImgConvert.heard?.('    (1.25/100%)\r    (12.50/100%)\r', input);
    qemuImgConvert.heard?.('    (10', input);
    expect(heard).toEqual([0.125]);
  });

  it('is repeated when memory was short, after the dirty pages are written', async () => {
    const { tools, done } = convert(
      { argv: conversion, err: SHORT, exit: 134 },
      { argv: ['sync'] },
      { argv: conversion, err: 'failed to allocate memory for stack: Cannot allocate memory', exit: 134 },
      { argv: ['sync'] },
      { argv: conversion },
    );
    await done;
    expect(tools.unused()).toEqual([]);
  });

  it('ends after the last attempt with the limit in its hint', async () => {
    const failed = { argv: conversion, err: SHORT, exit: 134 };
    const { done } = convert(failed, { argv: ['sync'] }, failed, { argv: ['sync'] }, failed);
    await expect(done).rejects.toMatchObject({
      ...{ type: 'ImageWriteError', details: expect.stringMatching(/3 times: qemu: qemu_thread_create/) },
      hint: 'image_convert_memory_limit is 2048 MiB; raise it if the machine has more',
    });
  });

  it('is not repeated for other reasons, which are told without our own words', async () => {
    const err = 'qemu-img: Could not open \'json:{"driver":"raw"}\': No space left on device';
    const { done } = convert({ argv: conversion, err, exit: 1 });
    await expect(done).rejects.toMatchObject({
      type: 'ImageWriteError',
      details: 'qemu-img cannot write the image to /dev/sdb: Could not open it: No space left on device',
      data: { device: '/dev/sdb', stderr_tail: err },
    });
  });
});

describe('examination', () => {
  const staging = { kind: 'disk', offset: 900 * MiB, imageBytes: 10 * MiB, bytes: 10 * MiB } as const;
  const asked = ['qemu-img', ...qemuImgInfo.argv(image)];
  const check = { argv: asked.map((arg) => (arg === 'info' ? 'check' : arg)) };
  it.each([
    ['a larger disk than its header said', { 'virtual-size': 41 * MiB }, /its size is 42991616 bytes.*41943040/],
    ['another image below', { 'virtual-size': 1, 'backing-filename': '/etc/passwd' }, /based on .*passwd/],
    ['nonsense', { 'virtual-size': '1' }, /virtual-size/],
  ])('refuses %s', async (_, info, message) => {
    const tools = recordedTools([{ argv: asked, out: JSON.stringify(info) }, check]);
    const staged = { device, staging, format: 'vmdk', limit: 40 * MiB } as const;
    await expect(examine({ tools, log: silentLog }, rules, staged, never)).rejects.toThrow(message);
  });
});
