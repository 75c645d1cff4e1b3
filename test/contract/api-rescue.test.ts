import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/core/index.ts';
import { createTools, opensslPasswd } from '../../src/system/index.ts';
import { type AgentApi, type AgentApiOptions, startAgentApi } from '../kit/agent-api.ts';

let api: AgentApi;
afterEach(() => api.server.close());

const HASH = '$6$saltsalt$0123456789abcdefghijklmnopqrstuvwxyz./ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghij';
const CRYPT = `$5$0123456789abcdef$${'x'.repeat(43)}`;
const PLAIN = 'correct horse battery staple';
const start = async (options: AgentApiOptions = {}) => {
  api = await startAgentApi({ files: { '/etc/ipa-rescue-config': { kind: 'dir' } }, ...options });
};
const finalize = (params: unknown) => api.post('rescue.finalize_rescue', params);

describe('rescue.finalize_rescue (protocol.md 1.4)', () => {
  it('stores the hash of the conductor as it is, leaves the marker, and lets go', async () => {
    await start();
    const { body } = await finalize({ rescue_password: HASH, hashed: true });
    expect(body).toMatchObject({
      command_name: 'finalize_rescue',
      command_status: 'SUCCEEDED',
      command_error: null,
      command_result: null,
    });
    expect(api.files.written).toEqual([`/etc/ipa-rescue-config/ipa-rescue-password=${HASH}`, '/etc/.rescued=']);
    expect([api.rescues(), api.lockdowns()]).toEqual([1, 0]);
    expect(api.logLines.join('')).not.toContain(HASH);
  });

  it('hashes a plain password here', async () => {
    await start({ recording: [{ argv: ['openssl', 'passwd', '-5', '-stdin'], out: `${CRYPT}\n` }] });
    const { body, text } = await finalize({ rescue_password: PLAIN, hashed: false });
    expect(body.command_status).toBe('SUCCEEDED');
    expect(api.files.written[0]).toBe(`/etc/ipa-rescue-config/ipa-rescue-password=${CRYPT}`);
    expect(text + api.logLines.join('') + api.asked.join('')).not.toContain(PLAIN);
    expect((await api.get('/v1/commands/')).text).not.toContain(PLAIN);
  });

  it('openssl of this machine makes such a hash, with another salt each time', async () => {
    const tools = createTools(silentLog);
    const [one, two] = [
      await tools.run(opensslPasswd, { password: PLAIN }),
      await tools.run(opensslPasswd, { password: PLAIN }),
    ];
    for (const hash of [one, two]) expect(hash).toMatch(/^\$5\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{43}$/);
    expect(one).not.toBe(two);
  });

  it('goes on although the marker cannot be written', async () => {
    await start();
    const write = api.files.write;
    api.files.write = (path, data, options) =>
      path === '/etc/.rescued' ? Promise.reject(new Error('EROFS')) : write(path, data, options);
    expect((await finalize({ rescue_password: HASH, hashed: true })).body.command_status).toBe('SUCCEEDED');
    expect(api.rescues()).toBe(1);
  });

  it('says so when the ramdisk has no rescue, and serves on', async () => {
    await start({ files: {} });
    const { status, body } = await finalize({ rescue_password: HASH, hashed: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({ command_name: 'rescue.finalize_rescue', command_status: 'FAILED' });
    expect(body.command_error.details).toContain('/etc/ipa-rescue-config does not exist');
    expect([api.rescues(), api.files.written]).toEqual([0, []]);
  });

  it('a password that openssl cannot hash is not stored', async () => {
    await start({ recording: [{ argv: ['openssl', 'passwd', '-5', '-stdin'], out: '<NULL>\n' }] });
    expect((await finalize({ rescue_password: PLAIN })).body.command_status).toBe('FAILED');
    expect(api.files.written).toEqual([]);
  });

  it.each([
    [{}],
    [{ rescue_password: '' }],
    [{ rescue_password: null }],
    [{ rescue_password: 'two\nlines' }],
    [{ rescue_password: 'p'.repeat(257) }],
    [{ rescue_password: `${HASH}\nroot:x`, hashed: true }],
    [{ rescue_password: 'a:b', hashed: true }],
    [{ rescue_password: PLAIN, hashed: 'no' }],
  ])('%j is refused without a trace', async (params) => {
    await start();
    const { status, body } = await finalize(params);
    expect([status, body.faultstring]).toEqual([400, expect.stringMatching(/^Invalid command parameters: /)]);
    expect((await api.get('/v1/commands/')).body.commands).toEqual([]);
    expect(api.files.written).toEqual([]);
  });
});
