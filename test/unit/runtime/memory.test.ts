import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fields } from '../../../src/core/index.ts';
import type { Job } from '../../../src/runtime/index.ts';
import { createHistory } from '../../../src/runtime/jobs/history.ts';
import { interrupted } from '../../../src/runtime/jobs/interrupted.ts';
import { CommandsRecord, EndRecord, FactsRecord, TokenRecord } from '../../../src/runtime/memory/contents.ts';
import { openMemory, plainSettings, slimNode } from '../../../src/runtime/memory/index.ts';
import { decode, encode } from '../../../src/runtime/memory/record.ts';
import { slimHistory } from '../../../src/runtime/memory/slim.ts';
import { memoryFiles } from '../../kit/memory-files.ts';

const STAMP = { boot: 'boot-1', agent: '12.1.0' };
const TOKEN = 'token-of-the-conductor-0123456789-abcdefghi';
const job = (id: string, patch: Partial<Job> = {}): Job => ({
  id,
  name: 'clean.execute_clean_step',
  kind: 'async',
  step: 'erase_devices',
  status: 'SUCCEEDED',
  error: null,
  result: { clean_result: null, clean_step: { step: 'erase_devices', interface: 'deploy' } },
  startedAt: 1_795_167_676_000,
  finishedAt: 1_795_167_677_000,
  ...patch,
});
const running = job('r', { status: 'RUNNING', result: null, finishedAt: null });

describe('records', () => {
  it.each([
    ['a token', TokenRecord, TOKEN],
    ['an end', EndRecord, { kind: 'locked', why: 'asked' }],
    [
      'a history',
      CommandsRecord,
      [
        job('a'),
        job('b', { status: 'FAILED', error: { type: 'X', code: 500, message: 'm', details: 'd', hint: 'h' } }),
        running,
      ],
    ],
    [
      'facts',
      FactsRecord,
      {
        node: { uuid: 'u', properties: { root_device: { serial: 'S' } } },
        lookup: { heartbeatTimeoutMs: 300_000, config: { md5Enabled: false }, apiVersion: '1.96' },
        inspection: { uuid: null },
        callback: { host: '2001:db8::1', automaticTls: true },
        tokenOnGet: true,
        written: {
          disk: '/dev/sda',
          uuids: { 'root uuid': '0x1', 'efi system partition uuid': null, partitions: { root: '/dev/sda2' } },
        },
      },
    ],
  ])('%s comes back as it was', (_what, schema, value) => {
    expect(decode(schema, encode(value, STAMP), STAMP)).toEqual({ kind: 'good', value, agent: '12.1.0' });
  });

  it.each([
    ['', 'no JSON'],
    ['{"format":1,"boot":"boot-1","ag', 'no JSON'],
    [`\0${TOKEN}`, 'no JSON'],
    ['null', 'not written by this agent'],
    [JSON.stringify(TOKEN), 'not written by this agent'],
    [JSON.stringify({ format: 2, ...STAMP, value: TOKEN }), 'format 2'],
    [encode(TOKEN, { ...STAMP, boot: 'boot-0' }), 'another boot'],
    [encode('', STAMP), 'value'],
    [encode({ token: TOKEN }, STAMP), 'value'],
  ])('ignores %j and says why, without quoting it', (text, why) => {
    const found = decode(TokenRecord, text, STAMP);
    expect(found).toMatchObject({ kind: 'ignored', why: expect.stringContaining(why) });
    expect(JSON.stringify(found)).not.toContain(TOKEN);
  });

  it('survive any text and any JSON', () => {
    const schemas = [TokenRecord, EndRecord, CommandsRecord, FactsRecord];
    const envelope = fc.record({
      format: fc.constantFrom(1, 2),
      boot: fc.constantFrom('boot-1', 'x'),
      agent: fc.string(),
      value: fc.jsonValue(),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          envelope.map((e) => JSON.stringify(e)),
        ),
        (text) => {
          for (const schema of schemas) expect(['good', 'ignored']).toContain(decode(schema, text, STAMP).kind);
        },
      ),
    );
  });

  it('survive being cut anywhere', () => {
    const whole = encode([job('a'), running], STAMP);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 2 }), (length) => {
        expect(decode(CommandsRecord, whole.slice(0, length), STAMP).kind).toBe('ignored');
      }),
    );
  });
});

describe('an interrupted history', () => {
  it('keeps ids and order; what ran has failed and says what to do', () => {
    const jobs = interrupted([job('a'), running], 1_795_167_680_000);
    expect(jobs[0]).toEqual(job('a'));
    expect(jobs[1]).toMatchObject({ id: 'r', status: 'FAILED', result: null, finishedAt: 1_795_167_680_000 });
    expect(jobs[1]?.error).toMatchObject({
      type: 'CommandExecutionError',
      code: 500,
      message: 'Command execution failed',
    });
    expect(jobs[1]?.error?.details).toMatch(
      /^agent restarted while clean\.execute_clean_step \(erase_devices\) was running: .*\(start the operation again/,
    );
  });

  it('does not end before it began when the clock was set back', () => {
    expect(interrupted([running], 5)[0]?.finishedAt).toBe(running.startedAt);
  });

  it('shows a change only when it is safe', async () => {
    const saved: (readonly Job[])[] = [];
    let safe = Promise.withResolvers<void>();
    const history = createHistory({
      before: [job('a')],
      save: (jobs) => {
        saved.push(jobs);
        return safe.promise;
      },
    });
    const added = history.add(running);
    expect(history.find('r')).toBeUndefined();
    safe.resolve();
    await added;
    expect(history.find('r')?.status).toBe('RUNNING');
    safe = Promise.withResolvers<void>();
    const ended = history.replace(job('r'));
    expect(history.find('r')?.status).toBe('RUNNING');
    safe.resolve();
    await ended;
    expect(saved.at(-1)).toEqual([job('a'), job('r')]);
    expect(history.all()).toEqual([job('a'), job('r')]);
  });
});

describe('what is kept', () => {
  it('leaves bulk out of results and keeps what conductors compare', () => {
    const big = job('a', {
      result: { clean_result: 'x'.repeat(100_000), clean_step: { step: 's', interface: 'raid' } },
    });
    expect(slimHistory([big])[0]?.result).toEqual({
      clean_result: '<...>',
      clean_step: { step: 's', interface: 'raid' },
    });
    expect(slimHistory([job('b', { result: Array(50_000).fill('xx') })])[0]?.result).toBe('<...>');
  });

  it('keeps the sentence of an error with bulky facts', () => {
    const error = { type: 'X', code: 500, message: 'm', details: 'what to do', dump: 'x'.repeat(2_000_000) };
    expect(slimHistory([job('a', { status: 'FAILED', error })])[0]?.error).toEqual({
      type: 'X',
      code: 500,
      message: 'm',
      details: 'what to do',
    });
  });

  it('is the newest megabyte', () => {
    const jobs = Array.from({ length: 200 }, (_, i) => job(String(i), { result: { text: 'x'.repeat(20_000) } }));
    const kept = slimHistory(jobs);
    expect(kept.at(-1)?.id).toBe('199');
    expect(kept.length).toBeGreaterThan(40);
    expect(JSON.stringify(kept).length).toBeLessThan(1.1e6);
  });

  it('has no secrets and no config drives of the node', () => {
    const node = {
      uuid: 'u',
      instance_info: { configdrive: 'H4sI', image_url: 'http://h/i?sig=1', root_device: { wwn: '0x5' } },
      driver_info: { ipmi_password: 'pw', ipmi_address: '192.0.2.1' },
      note: `the token is ${TOKEN}`,
    };
    const kept = JSON.stringify(slimNode(node, [TOKEN]));
    for (const secret of ['H4sI', 'sig=1', 'pw"', TOKEN]) expect(kept).not.toContain(secret);
    expect(kept).toContain('0x5');
    expect(slimNode({ uuid: 'u', a: 'x'.repeat(300_000) }, [])).toBeNull();
  });

  it('has no settings that hold a secret', () => {
    const settings = { md5Enabled: true, containerPullOptions: [`--creds=a:${TOKEN}`], tlsMinVersion: '1.3' };
    expect(plainSettings(settings, [TOKEN])).toEqual({ md5Enabled: true, tlsMinVersion: '1.3' });
  });
});

describe('the memory of the agent', () => {
  let root = '';
  let path = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'agent-memory-'));
    path = join(root, 'run');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const lines: string[] = [];
  const say = (event: string, fields?: Fields) => void lines.push(`${event} ${JSON.stringify(fields ?? {})}`);
  const log = { debug: say, info: say, warn: say, error: say };
  async function openAt(boot = 'boot-1', version = '12.1.0') {
    lines.length = 0;
    const files = {
      ...memoryFiles({ '/proc/sys/kernel/random/boot_id': `${boot}\n` }),
      makeTempDir: async () => mkdtempSync(join(root, 'fallback-')),
    };
    return openMemory(path, version, { files, log });
  }
  const written = { disk: '/dev/sda', uuids: { 'root uuid': '0x1' } };

  it('is empty at first, and is there after a restart, also of another version', async () => {
    const first = await openAt();
    expect(first.before).toMatchObject({ token: null, commands: [], end: null });
    expect(lines).toEqual([]);
    await first.keepToken(TOKEN);
    await first.keepFacts({ inspection: { uuid: 'u' } });
    await first.keepFacts({ written });
    await first.keepCommands([job('a'), running]);
    for (const name of ['token.json', 'state.json', 'commands.json'])
      expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
    const second = await openAt('boot-1', '13.0.0');
    expect(second.before).toMatchObject({
      token: TOKEN,
      facts: { inspection: { uuid: 'u' }, written },
      commands: [job('a'), running],
    });
    expect(lines.join()).toContain('memory.other_version');
    expect(lines.join()).not.toContain(TOKEN);
  });

  it('only the token file holds the token', async () => {
    const memory = await openAt();
    await memory.keepToken(TOKEN);
    await memory.keepFacts({ node: slimNode({ uuid: 'u', agent_secret_token: TOKEN }, [TOKEN]) });
    expect(readFileSync(join(path, 'state.json'), 'utf8')).not.toContain(TOKEN);
  });

  it('of another boot is forgotten, with key and certificate', async () => {
    const memory = await openAt('boot-0');
    await memory.keepToken(TOKEN);
    await memory.keepEnd({ kind: 'locked', why: 'asked' });
    for (const name of ['agent.key', 'agent.crt']) writeFileSync(join(path, name), 'pem');
    expect((await openAt()).before).toMatchObject({ token: null, end: null });
    expect(lines.join()).toContain('another boot');
    for (const name of ['agent.key', 'agent.crt', 'token.json']) expect(() => statSync(join(path, name))).toThrow();
  });

  it('loses a broken file, says so, and keeps the rest', async () => {
    const memory = await openAt();
    await memory.keepToken(TOKEN);
    await memory.keepCommands([job('a')]);
    writeFileSync(join(path, 'commands.json'), '{"format":1,');
    rmSync(join(path, 'state.json'), { force: true });
    mkdirSync(join(path, 'state.json'));
    symlinkSync('/etc/passwd', join(path, 'end.json'));
    const { before, keepFacts } = await openAt();
    expect(before).toMatchObject({ token: TOKEN, commands: [], end: null });
    expect(lines.filter((line) => line.startsWith('memory.ignored'))).toHaveLength(3);
    await keepFacts({ written });
    expect((await openAt()).before.facts.written).toEqual(written);
    expect(lines).toEqual([]);
  });

  it('stands files of any depth', async () => {
    const memory = await openAt();
    await memory.keepCommands([job('a')]);
    await memory.keepFacts({ node: { uuid: 'u' } });
    const deep = '['.repeat(500_000) + ']'.repeat(500_000);
    for (const [name, plain] of [
      ['commands.json', '"clean_result":null'],
      ['state.json', '"uuid":"u"'],
    ] as const) {
      const at = join(path, name);
      writeFileSync(at, readFileSync(at, 'utf8').replace(plain, plain.replace(/:.*/, `:${deep}`)));
    }
    const { before, keepFacts } = await openAt();
    expect(before.commands.map(({ id }) => id)).toEqual(['a']);
    await keepFacts({ written });
    expect((await openAt()).before.facts.written).toEqual(written);
    expect(lines).toEqual([]);
  });

  it('falls back to a directory of this run when the configured one is not ours', async () => {
    symlinkSync('/etc', path);
    const memory = await openAt();
    expect(lines.join()).toContain('memory.refused');
    expect(memory.directory).toContain('fallback-');
    await memory.keepToken(TOKEN);
    expect(statSync(join(memory.directory, 'token.json')).mode & 0o777).toBe(0o600);
    expect(() => statSync('/etc/token.json')).toThrow();
  });
});
