import { afterEach, describe, expect, it } from 'vitest';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';

let api: AgentApi;
afterEach(() => api.server.close());

const SOURCE = { image_source: 'oci://registry.example/os:1', configdrive: null };
const step = { step: 'execute_bootc_install', interface: 'deploy', args: { ...SOURCE, oci_pull_secret: null } };
const post = async (name: string, params: unknown) => (await api.post(name, params, 'wait=true')).body;

describe('bootable containers', () => {
  it('are refused by name, as a command and as a step; nothing is touched', async () => {
    api = await startAgentApi();
    const direct = await post('standby.execute_bootc_install', { ...SOURCE, instance_info: {}, pull_secret: null });
    expect(direct).toMatchObject({
      command_name: 'execute_bootc_install',
      command_status: 'FAILED',
      command_error: { type: 'IncompatibleHardwareMethodError', code: 500 },
    });
    expect(direct.command_error.details).toContain('is not supported by generic_hardware_manager');
    const stepped = await post('deploy.execute_deploy_step', { step, node: {}, ports: [] });
    expect(stepped.command_error).toMatchObject({
      type: 'HardwareManagerMethodNotFound',
      details: expect.stringMatching(/^Could not find method: execute_bootc_install .*is not supported/),
    });
    expect(api.asked).toEqual([]);
  });

  it('are refused by the operator with disable_bootc_deploy', async () => {
    api = await startAgentApi({ bootcDisabled: true });
    const refusal = { type: 'CommandExecutionError', details: expect.stringContaining('disable_bootc_deploy') };
    expect((await post('standby.execute_bootc_install', SOURCE)).command_error).toMatchObject(refusal);
    const params = { step, node: {}, ports: [] };
    expect((await post('service.execute_service_step', params)).command_error).toMatchObject(refusal);
  });

  it.each([[{}], [{ image_source: '' }], [{ image_source: 7 }], [{ ...SOURCE, instance_info: 'x' }]])(
    '%j is refused before the start',
    async (params) => {
      api = await startAgentApi();
      expect((await api.post('standby.execute_bootc_install', params)).status).toBe(400);
      expect((await api.get('/v1/commands/')).body.commands).toEqual([]);
    },
  );
});
