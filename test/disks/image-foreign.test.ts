import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Log, MiB, type Progress, silentLog } from '../../src/core/index.ts';
import { type ImagePorts, type ImageReport, planImage, writeImage } from '../../src/image/index.ts';
import { contentBlock, makeGptImage, sha256 } from '../kit/disk-image.ts';
import { descriptorOf, vdiHead, vhdHead, vhdxHead, vmdkHead } from '../kit/foreign-heads.ts';
import { realImagePorts, testSettings } from '../kit/image-ports.ts';
import type { Served } from '../kit/image-server.ts';
import { imageStage, isBlank, isUntouched } from '../kit/image-stage.ts';
import type { LoopDisk } from '../kit/loop-disk.ts';

const never = new AbortController().signal;
const SIZE = 48 * MiB;
const ENDS = 5 * 4096;
const permittedFormats = ['raw', 'vmdk', 'vhd', 'vhdx', 'vdi'];

const stage = imageStage(160 * MiB);
const { dir, newDisk } = stage;
let raw: string;

beforeAll(() => {
  raw = join(dir, 'image.raw');
  makeGptImage(raw, SIZE, [
    { offset: MiB, data: contentBlock(1, 6 * MiB, 5) },
    { offset: 16 * MiB + 3072, data: contentBlock(2, 5 * MiB + 512, 3) },
    { offset: 40 * MiB, data: contentBlock(4, 2 * MiB) },
  ]);
});

interface Recipe {
  /** As declared by the conductor. */
  readonly format: string;
  readonly driver: string;
  readonly options?: string;
  readonly source?: string;
}

interface Made {
  readonly image: Buffer;
  /** What qemu-img makes of it. */
  readonly truth: Buffer;
}

function make({ format, driver, options, source = raw }: Recipe): Made {
  const path = join(dir, `made.${format}`);
  const more = options === undefined ? [] : ['-o', options];
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', driver, ...more, source, path]);
  execFileSync('qemu-img', ['convert', '-f', driver, '-O', 'raw', path, `${path}.raw`]);
  return { image: readFileSync(path), truth: readFileSync(`${path}.raw`) };
}

interface Order extends Partial<Served> {
  readonly format: string;
  readonly info?: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<typeof testSettings>;
  readonly begun?: () => void;
  readonly tell?: (progress: Progress) => void;
  readonly ports?: ImagePorts;
  readonly signal?: AbortSignal;
}

function deploy(target: LoopDisk, content: Uint8Array, order: Order): Promise<ImageReport> {
  const { format, info = {}, settings = {}, begun = () => undefined, tell = () => undefined, ...rest } = order;
  const { ports = realImagePorts(), signal = never, ...served } = rest;
  const url = stage.server().serve('/image', { ...served, content });
  const plan = planImage(
    { id: 'test', urls: [url], disk_format: format, os_hash_algo: 'sha256', os_hash_value: sha256(content), ...info },
    { ...testSettings, permittedFormats, ...settings },
  );
  const beforeFirstWrite = async () => {
    begun();
    return target;
  };
  return writeImage(ports, plan, target, { beforeFirstWrite }, tell, signal);
}

/** Everything but the front, which the table repair changes. */
function expectSame(target: LoopDisk, { truth }: Made) {
  expect(Buffer.compare(target.read(MiB, truth.length - MiB), truth.subarray(MiB))).toBe(0);
}

const recipes: readonly (readonly [string, Recipe])[] = [
  ['vmdk', { format: 'vmdk', driver: 'vmdk' }],
  ['vmdk, compressed', { format: 'vmdk', driver: 'vmdk', options: 'subformat=streamOptimized' }],
  ['vhd', { format: 'vhd', driver: 'vpc' }],
  ['vhd, of exact size', { format: 'vhd', driver: 'vpc', options: 'force_size=on' }],
  ['vhdx', { format: 'vhdx', driver: 'vhdx' }],
  ['vhdx, fixed', { format: 'vhdx', driver: 'vhdx', options: 'subformat=fixed' }],
  ['vdi', { format: 'vdi', driver: 'vdi' }],
  ['vdi, fixed', { format: 'vdi', driver: 'vdi', options: 'static=on' }],
];

describe('an image that qemu-img reads is on the disk what qemu-img makes of it', () => {
  it.each(recipes)('%s', async (_, recipe) => {
    const target = newDisk();
    const made = make(recipe);
    const seen: Progress[] = [];
    const report = await deploy(target, made.image, { ...recipe, tell: (one) => seen.push(one) });
    expectSame(target, made);
    expect(execFileSync('sgdisk', ['-v', target.path], { encoding: 'utf8' })).toContain('No problems found');
    const beyond = target.read(made.truth.length, target.size - ENDS - made.truth.length);
    const stageBytes = Math.ceil(made.image.length / 4096) * 4096;
    const stageAt = Math.floor((target.size - ENDS - stageBytes) / MiB) * MiB - made.truth.length;
    expect(isUntouched(beyond.subarray(0, stageAt))).toBe(true);
    expect(isBlank(beyond.subarray(stageAt, stageAt + stageBytes))).toBe(true);
    expect(report).toMatchObject({
      ...{ format: recipe.format, virtualSize: made.truth.length, diskBytes: made.truth.length, holeBytes: 0 },
      ...{ wireBytes: made.image.length, digest: sha256(made.image) },
    });
    expect(seen.at(-1)).toMatchObject({ phase: 'image.convert', done: made.truth.length, total: made.truth.length });
    expect(seen.some(({ phase }) => phase === 'image.stage')).toBe(true);
  });

  it.each(recipes)('%s, on 4096-byte sectors, staged in memory, without ranges', async (_, recipe) => {
    const source = join(dir, 'image4k.raw');
    makeGptImage(source, SIZE, [{ offset: 8 * MiB, data: contentBlock(4, 9 * MiB) }], 4096);
    const made = make({ ...recipe, source });
    const target = newDisk({ bytes: Math.ceil(made.truth.length / MiB) * MiB, sectorBytes: 4096 });
    let stagedFirst = false;
    const seen: Progress[] = [];
    await deploy(target, made.image, {
      ...{ format: recipe.format, ranges: false, tell: (one) => seen.push(one) },
      begun: () => {
        stagedFirst = seen.some(({ phase, done }) => phase === 'image.stage' && done === made.image.length);
      },
    });
    expect(stagedFirst).toBe(true);
    expectSame(target, { ...made, truth: made.truth.subarray(0, target.size - ENDS) });
    expect(execFileSync('sgdisk', ['-v', target.path], { encoding: 'utf8' })).toContain('No problems found');
  });

  it.each([
    ['vmdk', 'vmdk', 80 * MiB],
    ['vhd', 'vpc', 80 * MiB],
    ['vdi', 'vdi', 80 * MiB],
    ['vhdx', 'vhdx', 0],
  ])('%s with long holes, over a disk full of ones', async (format, driver, atLeast) => {
    const source = join(dir, 'sparse.raw');
    makeGptImage(source, 160 * MiB, [
      { offset: MiB, data: contentBlock(1, 3 * MiB) },
      { offset: 100 * MiB + 4096, data: contentBlock(2, 5 * MiB) },
    ]);
    const made = make({ format, driver, source });
    const target = newDisk({ bytes: 224 * MiB });
    const report = await deploy(target, made.image, { format });
    expectSame(target, made);
    expect(report.holeBytes).toBeGreaterThanOrEqual(atLeast);
    expect(report.diskBytes + report.holeBytes).toBe(made.truth.length);
  });

  it('keeps what the image has at the very end of the disk', async () => {
    const source = join(dir, 'noise.raw');
    execFileSync('cp', [raw, source]);
    const end = contentBlock(7, 64 * 1024);
    const content = Buffer.concat([contentBlock(9, SIZE - end.length, 7), end]);
    execFileSync('dd', [`of=${source}`, 'bs=1M', 'conv=notrunc', 'status=none'], { input: content });
    const made = make({ format: 'vmdk', driver: 'vmdk', source });
    const target = newDisk({ bytes: SIZE });
    await deploy(target, made.image, { format: 'vmdk' });
    expect(Buffer.compare(target.all(), content)).toBe(0);
  });
});

/** Ports that remember which programs were started, by their first argument. */
function watched(): { readonly ports: ImagePorts; readonly started: string[] } {
  const started: string[] = [];
  const note: Log['info'] = (event, fields) => {
    const { bin, argv } = { bin: '', argv: [], ...fields };
    if (event === 'tool.start') started.push(`${bin} ${Array.isArray(argv) ? argv[0] : ''}`.trim());
  };
  return { started, ports: realImagePorts({ ...silentLog, info: note, debug: note }) };
}

const vmdk = () => make({ format: 'vmdk', driver: 'vmdk' });
const passwd = 'parentFileNameHint="/etc/passwd"';

describe('refused before the disk is touched and before qemu-img sees a byte', () => {
  const cases: readonly (readonly [string, string, () => Uint8Array, RegExp])[] = [
    ['a vmdk with a parent', 'vmdk', () => vmdkHead(descriptorOf(passwd)), /names a parent/],
    ['a vmdk with a parent in a comment', 'vmdk', () => vmdkHead(descriptorOf(`#${passwd}`)), /names a parent/],
    [
      'a vmdk that is only a descriptor of other files',
      'vmdk',
      () => {
        const flat = descriptorOf().replace(/RW.*/, 'RW 4 FLAT "/etc/passwd" 0');
        return vmdkHead(flat, { at: 12, bytes: [0, 0, 0, 0] });
      },
      /another file/,
    ],
    ['a vhd with a parent', 'vhd', () => vhdHead({ at: 0x3f, bytes: [4] }), /differencing/],
    ['a vdi with a parent', 'vdi', () => vdiHead({ at: 0x4c, bytes: [4] }), /differencing/],
    ['a vhdx without metadata', 'vhdx', () => vhdxHead({ at: 0x30010, bytes: [0] }), /no metadata/],
    ['a virtual size beyond the disk', 'vmdk', () => vmdkHead(undefined, { at: 14, bytes: [0xff] }), /has only 160/],
    ['a vmdk declared as vdi', 'vdi', () => vmdk().image, /declared as vdi/],
    [
      'a polyglot of vmdk and ISO',
      'vmdk',
      () => {
        const { image } = vmdk();
        image.write('CD001', 0x8001, 'latin1');
        return image;
      },
      /several formats/,
    ],
  ];
  it.each(cases)('%s', async (_, format, image, message) => {
    const target = newDisk();
    const { ports, started } = watched();
    let begun = false;
    const order = {
      ...{ format, ports },
      begun: () => {
        begun = true;
      },
    };
    await expect(deploy(target, image(), order)).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(message),
    });
    expect(begun).toBe(false);
    expect(isUntouched(target.all())).toBe(true);
    expect(started.filter((one) => one.startsWith('qemu-img') && !one.endsWith('--version'))).toEqual([]);
  });

  it('a format that is not permitted', async () => {
    const target = newDisk();
    const order = { format: 'vmdk', settings: { permittedFormats: testSettings.permittedFormats } };
    await expect(deploy(target, vmdk().image, order)).rejects.toMatchObject({
      details: expect.stringMatching(/vmdk is not permitted/),
    });
    expect(isUntouched(target.all())).toBe(true);
  });

  it('a ramdisk without qemu-img', async () => {
    const target = newDisk();
    const { image } = vmdk();
    const { PATH } = process.env;
    process.env.PATH = '/nonexistent';
    try {
      await expect(deploy(target, image, { format: 'vmdk' })).rejects.toMatchObject({
        ...{ type: 'InvalidImage', details: expect.stringContaining('needs qemu-img') },
        hint: expect.stringContaining('qemu-utils'),
      });
    } finally {
      process.env.PATH = PATH;
    }
    expect(isUntouched(target.all())).toBe(true);
  });

  it('a disk without room behind the content and a machine without memory', async () => {
    const target = newDisk({ bytes: 50 * MiB });
    const { ports } = watched();
    const files = { ...ports.files, textOrNull: async () => 'MemAvailable:     262144 kB' };
    const order = { format: 'vmdk', ports: { ...ports, files } };
    await expect(deploy(target, vmdk().image, order)).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(/13.3 MiB do not fit behind its content of 48.0 MiB.*50.0 MiB, and memory.*0 B/),
    });
    expect(isUntouched(target.all())).toBe(true);
  });

  it('an image whose length is not announced', async () => {
    const target = newDisk();
    const failure = deploy(target, vmdk().image, { format: 'vmdk', chunked: true, ranges: false });
    await expect(failure).rejects.toMatchObject({ details: expect.stringMatching(/does not announce the length/) });
    expect(isUntouched(target.all())).toBe(true);
  });

  it('a wrong digest, with the image in memory', async () => {
    const target = newDisk({ bytes: 50 * MiB });
    const { ports, started } = watched();
    const order = { format: 'vmdk', ports, info: { os_hash_value: 'ab'.repeat(32) } };
    await expect(deploy(target, vmdk().image, order)).rejects.toMatchObject({ type: 'ImageChecksumError' });
    expect(isUntouched(target.all())).toBe(true);
    expect(started).toEqual(['qemu-img --version', 'qemu-img --version']);
  });
});

describe('what fails later leaves a disk that cannot boot', () => {
  const expectUnbootable = (target: LoopDisk) => {
    expect(isBlank(target.read(0, MiB))).toBe(true);
    expect(isBlank(target.read(target.size - ENDS, ENDS))).toBe(true);
  };

  it('a wrong digest: qemu-img does not see the image', async () => {
    const target = newDisk();
    const { ports, started } = watched();
    const order = { format: 'vmdk', ports, info: { os_hash_value: 'ab'.repeat(32) } };
    await expect(deploy(target, vmdk().image, order)).rejects.toMatchObject({ type: 'ImageChecksumError' });
    expectUnbootable(target);
    expect(started.filter((one) => one.startsWith('qemu-img'))).toEqual(['qemu-img --version', 'qemu-img --version']);
  });

  it.each(recipes)('%s, cut short before its checksum was made', async (_, recipe) => {
    const target = newDisk();
    const { image } = make(recipe);
    const cut = image.subarray(0, Math.floor(image.length / 1024) * 512);
    await expect(deploy(target, cut, recipe)).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(/cannot read it|cut short/),
    });
    const all = target.all();
    expect(isUntouched(all) || isBlank(all.subarray(0, MiB))).toBe(true);
  });

  it('a memory limit that is too small, after all attempts', async () => {
    const target = newDisk();
    const { ports, started } = watched();
    const settings = { convert: { memoryBytes: 32 * MiB, attempts: 2 } };
    await expect(deploy(target, vmdk().image, { format: 'vmdk', ports, settings })).rejects.toMatchObject({
      ...{ type: 'ImageWriteError', details: expect.stringMatching(/too little memory 2 times/) },
      hint: expect.stringMatching(/image_convert_memory_limit is 32 MiB/),
    });
    expectUnbootable(target);
    expect(started.filter((one) => one.startsWith('sync'))).toHaveLength(1);
  });

  it('a partition table for another sector size', async () => {
    const target = newDisk({ sectorBytes: 4096 });
    await expect(deploy(target, vmdk().image, { format: 'vmdk' })).rejects.toMatchObject({
      details: expect.stringMatching(/sector size/),
    });
    expectUnbootable(target);
  });

  it('an abort while qemu-img writes', async () => {
    const target = newDisk();
    const stop = new AbortController();
    const { ports } = watched();
    const tools: ImagePorts['tools'] = {
      run(tool, input, signal) {
        const isBody = tool.effect === 'destroys' && JSON.stringify(tool.argv(input)).includes(target.path);
        const running = ports.tools.run(tool, input, signal);
        if (isBody && tool.argv(input).includes('none')) setTimeout(() => stop.abort(new Error('stop it')), 5);
        return running;
      },
    };
    const order = { format: 'vmdk', ports: { ...ports, tools }, signal: stop.signal };
    await expect(deploy(target, vmdk().image, order)).rejects.toThrow('stop it');
    expectUnbootable(target);
  });
});
