import { afterEach, describe, expect, it } from 'vitest';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';
import { livesOf } from '../kit/restart-kit.ts';

let api: AgentApi | null = null;
afterEach(async () => {
  await api?.server.close();
  api = null;
});

const secret = Buffer.from('the-secret-content').toString('base64');
const stepOf = (args: unknown) => ({ step: 'inject_files', interface: 'deploy', args });

async function execute(kind: 'deploy' | 'service', args: unknown, more: Readonly<Record<string, unknown>> = {}) {
  api ??= await startAgentApi();
  const params = { step: stepOf(args), node: { uuid: 'n' }, ports: [], ...more };
  return (await api.post(`${kind}.execute_${kind}_step`, params, 'wait=true')).body;
}

describe('the step inject_files', () => {
  it('is offered for deploy and service with the priority of the option (steps.md 2.1)', async () => {
    const lives = await livesOf(['--inject_files_priority', '40']);
    await lives.start();
    await lives.conductor.nth('heartbeat', 1);
    const list = async (kind: string) => {
      const body = { name: `${kind}.get_${kind}_steps`, params: { node: {}, ports: [] } };
      const answer = (await lives.call('POST', body, undefined, 'wait=true')).body.command_result;
      const steps: readonly { readonly step: string }[] = answer[`${kind}_steps`].GenericHardwareManager;
      return steps.find(({ step }) => step === 'inject_files');
    };
    const argsinfo = {
      files: { description: expect.any(String), required: false },
      verify_ca: { description: expect.any(String), required: false },
    };
    const plain = { step: 'inject_files', interface: 'deploy', priority: 40, reboot_requested: false, argsinfo };
    expect(await list('deploy')).toEqual(plain);
    expect(await list('service')).toEqual({ ...plain, abortable: false });
    expect(await list('clean')).toBeUndefined();
  });

  it.each([null, {}, { files: null }, { files: [], verify_ca: false }])(
    'with arguments %j and no files of the node succeeds and touches nothing',
    async (args) => {
      for (const kind of ['deploy', 'service'] as const)
        expect(await execute(kind, args)).toMatchObject({
          command_status: 'SUCCEEDED',
          command_result: { [`${kind}_result`]: null, [`${kind}_step`]: { step: 'inject_files', interface: 'deploy' } },
        });
      expect(api?.asked).toEqual([]);
    },
  );

  it('names everything that is wrong in one error, before anything is touched', async () => {
    const node = { uuid: 'n', properties: { inject_files: [{ content: secret }] } };
    const body = await execute('deploy', { files: [{ path: '/etc/x', mode: '0644', content: secret }] }, { node });
    expect(body).toMatchObject({
      command_status: 'FAILED',
      command_error: {
        type: 'InvalidCommandParamsError',
        code: 400,
        details:
          'inject_files: node.properties.inject_files[0]: path is missing; files[0]: mode must be an integer from 0 to 4095',
      },
    });
    expect(api?.asked).toEqual([]);
  });

  it.each([
    [{ file: [] }, 'inject_files'],
    [{ files: [], verify_ca: 'yes' }, 'verify_ca'],
  ])('refuses arguments %j', async (args, word) => {
    const { command_error } = await execute('deploy', args);
    expect(command_error).toMatchObject({ type: 'InvalidCommandParamsError', code: 400 });
    expect(command_error.details).toContain(word);
  });

  it('knows node and ports of the call in addresses', async () => {
    const files = ['{node[uuid]}', '{ports[0][address]}', '{ports[0][pxe]}'].map((field) => ({
      path: '/etc/x',
      content: `x://${field}`,
    }));
    const { command_error } = await execute('deploy', { files }, { ports: [{ address: '52:54:00:00:00:01' }] });
    expect(command_error.details).toBe(
      'inject_files: files[0]: content must be base64 or an http:// or https:// address; ' +
        'files[1]: content must be base64 or an http:// or https:// address; files[2]: content: {ports[0][pxe]} does not exist',
    );
  });

  it('is echoed without contents, and they are in no log', async () => {
    const lines: unknown[] = [];
    const note = (...line: unknown[]) => void lines.push(line);
    api = await startAgentApi({ log: { debug: note, info: note, warn: note, error: note } });
    const body = await execute('deploy', { files: [{ path: '/etc/x', content: secret }] });
    expect(body.command_status).toBe('FAILED');
    const all = JSON.stringify([lines, api.logLines, body, (await api.get('/v1/commands/')).body]);
    expect(all).not.toContain(secret);
    expect(all).not.toContain('the-secret-content');
  });
});
