import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';

let api: AgentApi;
beforeEach(async () => {
  api = await startAgentApi();
});
afterEach(() => api.server.close());

const VERSIONS = {
  generic_hardware_manager: '1.2',
  MellanoxDeviceHardwareManager: '1',
  IntelCnaHardwareManager: '1.0',
  ContainerHardwareManager: '2',
};
const NODE = { uuid: 'f0c1', properties: { capabilities: 'x' }, instance_info: null };
const wait = 'wait=true';

describe('steps of the real table', () => {
  it('are listed with all keys, twice alike (check 16)', async () => {
    const clean = (await api.post('clean.get_clean_steps', { node: NODE, ports: [] }, wait)).body;
    expect(clean.command_name).toBe('get_clean_steps');
    expect(clean.command_result).toEqual({
      clean_steps: {
        GenericHardwareManager: [
          {
            step: 'erase_devices_metadata',
            interface: 'deploy',
            priority: 99,
            reboot_requested: false,
            abortable: true,
          },
          {
            step: 'clean_uefi_nvram',
            interface: 'deploy',
            priority: 0,
            reboot_requested: false,
            abortable: true,
            argsinfo: { match_patterns: { description: expect.any(String), required: false } },
          },
        ],
      },
      hardware_manager_version: VERSIONS,
    });
    const again = (await api.post('clean.get_clean_steps', { node: NODE, ports: [] }, wait)).body;
    expect(again.command_result).toEqual(clean.command_result);
    expect(api.ports.node.current()).toMatchObject({ uuid: 'f0c1', properties: { capabilities: 'x' } });
    expect(api.ports.node.current()).not.toHaveProperty('instance_info');
  });

  it('bring the node anew, and leave what only lookup tells of it', async () => {
    const { node } = api.ports;
    const { signal } = new AbortController();
    await node.adopt({ uuid: 'f0c1', skip_bmc_detect: true }, signal);
    await api.post('clean.get_clean_steps', { node: NODE, ports: [] }, wait);
    expect(node.current()).toMatchObject({ uuid: 'f0c1', properties: { capabilities: 'x' }, skip_bmc_detect: true });
    // Of another node nothing is known, and a later lookup has the last word.
    await api.post('clean.get_clean_steps', { node: { uuid: 'f0c2' }, ports: [] }, wait);
    expect(node.current()).toEqual({ uuid: 'f0c2' });
    await node.adopt({ uuid: 'f0c1', skip_bmc_detect: true }, signal);
    await node.adopt({ uuid: 'f0c1' }, signal);
    expect(node.current()).toEqual({ uuid: 'f0c1' });
  });

  it('deploy and service lists', async () => {
    const deploy = (await api.post('deploy.get_deploy_steps', { node: NODE, ports: [] }, wait)).body.command_result;
    const plain = { interface: 'deploy', priority: 0, reboot_requested: false };
    expect(deploy.deploy_steps.GenericHardwareManager).toEqual([
      { ...plain, step: 'erase_devices_metadata' },
      { ...plain, step: 'clean_uefi_nvram', argsinfo: expect.anything() },
      { ...plain, step: 'write_image' },
      { ...plain, step: 'inject_files', argsinfo: expect.anything() },
      { ...plain, step: 'execute_bootc_install' },
    ]);
    const service = (await api.post('service.get_service_steps', { node: NODE, ports: [] }, wait)).body.command_result;
    expect(service.service_steps.GenericHardwareManager).toEqual([
      { ...plain, step: 'write_image', abortable: false },
      { ...plain, step: 'inject_files', abortable: false, argsinfo: expect.anything() },
      { ...plain, step: 'execute_bootc_install', abortable: false },
    ]);
    expect(service.hardware_manager_version).toEqual(VERSIONS);
  });

  it.each(['clean', 'deploy', 'service'])('a stale %s version is told apart (check 14)', async (kind) => {
    const params = {
      step: { step: 'write_image', interface: 'deploy' },
      node: NODE,
      ports: [],
      [`${kind}_version`]: { x: '1' },
    };
    const { body } = await api.post(`${kind}.execute_${kind}_step`, params, wait);
    expect(body).toMatchObject({
      command_status: 'CLEAN_VERSION_MISMATCH',
      command_error: { code: 409, type: 'VersionMismatch' },
    });
  });

  it.each([
    ['clean', 'no_such_step'],
    ['service', 'erase_devices_metadata'],
  ])('%s does not offer %s', async (kind, step) => {
    const params = { step: { step, interface: 'deploy' }, node: NODE, ports: [], [`${kind}_version`]: VERSIONS };
    const { body } = await api.post(`${kind}.execute_${kind}_step`, params, wait);
    expect(body).toMatchObject({
      command_name: `execute_${kind}_step`,
      command_status: 'FAILED',
      command_error: { type: 'HardwareManagerMethodNotFound', code: 500, details: `Could not find method: ${step}` },
    });
  });

  it('an empty step object is refused before the start', async () => {
    const { status, body } = await api.post('clean.execute_clean_step', { step: {}, node: NODE, ports: [] });
    expect(status).toBe(400);
    expect(body.faultstring).toContain('Invalid command parameters: ');
    expect(body.faultstring).toContain('step');
  });

  it('unknown arguments of a step fail it, unknown parameters of the call do not matter', async () => {
    const step = { step: 'erase_devices_metadata', interface: 'deploy', args: { force: true } };
    const { body } = await api.post('clean.execute_clean_step', { step, node: NODE, ports: [], later: 1 }, wait);
    expect(body.command_error).toMatchObject({ type: 'InvalidCommandParamsError', code: 400 });
    expect(body.command_error.details).toContain('erase_devices_metadata');
    expect(api.asked).toEqual([]);
  });

  it('a fault without a type of its own names step and cause (steps.md 1.5)', async () => {
    const step = { step: 'write_image', interface: 'deploy', args: { image_info: {}, configdrive: null } };
    const { body } = await api.post('deploy.execute_deploy_step', { step, node: NODE, ports: [] }, wait);
    expect(body.command_error).toMatchObject({ type: 'InvalidCommandParamsError', code: 400 });
  });
});

describe('commands of the real table', () => {
  it.each([
    [{}],
    [{ image_info: 'x' }],
    [{ image_info: { id: 'a', urls: [] } }],
    [{ image_info: { id: 'a', urls: ['http://h/i'] } }],
    [{ image_info: { id: 'a', urls: ['http://h/i'], os_hash_algo: 'sha256' } }],
    [{ image_info: { id: 'a', urls: ['http://h/i'], checksum: 'a'.repeat(64) }, configdrive: 7 }],
    [{ image_info: { id: 'a', urls: ['http://h/i'], checksum: 'a'.repeat(64), image_type: 'partition' } }],
  ])('prepare_image refuses %j before anything starts (imaging.md 1.4)', async (params) => {
    const { status, body } = await api.post('standby.prepare_image', params);
    expect(status).toBe(400);
    expect(body.faultstring).toMatch(/^Invalid command parameters: /);
    expect((await api.get('/v1/commands/')).body.commands).toEqual([]);
  });

  it('no partition uuids before any image, then those of the image', async () => {
    expect((await api.post('standby.get_partition_uuids')).body.command_result).toEqual({});
    api.ports.written.remember({ disk: '/dev/sda', uuids: { 'root uuid': '0x0a1b2c3d' } });
    expect((await api.post('standby.get_partition_uuids')).body.command_result).toEqual({ 'root uuid': '0x0a1b2c3d' });
  });

  it('set_node_info is refused', async () => {
    const { status, body } = await api.post('poll.set_node_info', { node_info: {} });
    expect([status, body.faultstring]).toEqual([400, expect.stringMatching(/^Invalid command: /)]);
  });

  it('cache_image is unknown, as in the reference since 2024.1', async () => {
    const { status, body } = await api.post('standby.cache_image', { image_info: {}, force: true });
    expect([status, body.faultstring]).toEqual([400, 'Invalid command: Unknown command: cache_image']);
  });

  it.each([
    [
      'standby.get_partition_uuids',
      'standby.get_partition_uuids',
      'TypeError',
      { node: {} },
      'the command takes no parameters',
    ],
    [
      'image.install_bootloader',
      'install_bootloader',
      'CommandExecutionError',
      { root_uuid: null, node: {} },
      'known are root_uuid, efi_system_part_uuid, prep_boot_part_uuid, target_boot_mode, ignore_bootloader_failure',
    ],
  ])(
    '%s fails for a parameter that it does not know (protocol.md 7.5, 8.1)',
    async (name, recorded, type, params, known) => {
      const { status, body } = await api.post(name, params, wait);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        command_name: recorded,
        command_status: 'FAILED',
        command_error: {
          type,
          code: 500,
          details: `${name} got an unexpected keyword argument 'node' (${known})`,
        },
      });
    },
  );

  it.each([[{}], [{ root_uuid: 7 }], [{ root_uuid: null, target_boot_mode: 'pxe' }]])(
    'install_bootloader refuses %j',
    async (params) => {
      expect((await api.post('image.install_bootloader', params)).status).toBe(400);
    },
  );

  it('lockdown answers', async () => {
    const { body } = await api.post('system.lockdown');
    expect(body).toMatchObject({ command_name: 'lockdown', command_status: 'SUCCEEDED', command_result: null });
    expect(api.lockdowns()).toBe(1);
  });

  it('a flush that fails is told', async () => {
    const { body } = await api.post('standby.sync');
    expect(body).toMatchObject({ command_name: 'standby.sync', command_status: 'FAILED' });
    expect(body.command_error).toMatchObject({
      type: 'CommandExecutionError',
      details: expect.stringContaining('flushed'),
    });
  });
});
