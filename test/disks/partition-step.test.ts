import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { MiB, silentLog } from '../../src/core/index.ts';
import { createFiles, systemClock } from '../../src/system/index.ts';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';
import { sha256 } from '../kit/disk-image.ts';
import { type ImageServer, startImageServer } from '../kit/image-server.ts';
import { createLoopDevice, type LoopDevice, run, toolsForLoops } from '../kit/loop-device.ts';
import { tagOf } from '../kit/partition-run.ts';

const ROOT_UUID = 'f7a4b6f2-29d5-4d38-9f3e-111122223333';

let server: ImageServer;
let root: Buffer;
let disk: LoopDevice | null = null;
let api: AgentApi | null = null;

beforeAll(async () => {
  server = await startImageServer();
  const dir = await createFiles().makeTempDir('partition-step-');
  const path = `${dir}/root.raw`;
  run('mke2fs', '-q', '-F', '-t', 'ext4', '-U', ROOT_UUID, path, '16M');
  root = readFileSync(path);
  await createFiles().remove(dir);
});
afterAll(() => server.close());
afterEach(async () => {
  await api?.server.close();
  disk?.remove();
  [api, disk] = [null, null];
});

/** The agent's API on a machine whose only disk is a loop device. */
async function machine() {
  const device = createLoopDevice(2048 * MiB);
  disk = device;
  const tools = toolsForLoops([device]);
  const made = await startAgentApi({ machine: { tools, files: createFiles(), clock: systemClock, log: silentLog } });
  api = made;
  return { device, api: made };
}

const step = (more: Readonly<Record<string, unknown>>) => ({
  ...{ interface: 'deploy', step: 'write_image' },
  args: {
    image_info: {
      ...{ id: 'root.raw', disk_format: 'raw', container_format: 'bare', stream_raw_images: true },
      urls: [server.serve('/root.raw', { content: root })],
      ...{ checksum: null, os_hash_algo: 'sha256', os_hash_value: sha256(root), node_uuid: 'n-1' },
      ...{ image_type: 'partition', kernel: null, ramdisk: null, boot_option: 'local', disk_label: null },
      ...{ root_gb: '1', root_mb: 1024, swap_mb: 64, ephemeral_mb: 0, ephemeral_format: null },
      ...{ preserve_ephemeral: false, ...more },
    },
    configdrive: gzipSync(Buffer.alloc(MiB + 1, 7)).toString('base64'),
  },
});

it.each([
  ['uefi', 'uefi', ['efi system partition', 'swap', 'configdrive', 'root']],
  ['bios', 'bios', ['swap', 'configdrive', 'root']],
  ['uefi', 'bios', ['efi system partition', 'swap', 'configdrive', 'root']],
])('the step write_image, boot mode %s, conductor says %s: result and identifiers', async (mode, said, roles) => {
  const { device, api: agent } = await machine();
  const capabilities = `boot_mode:${mode}`;
  const node = { uuid: 'n-1', properties: { capabilities, root_device: { name: device.path } } };
  const sent = step({ deploy_boot_mode: said });
  const { body } = await agent.post('deploy.execute_deploy_step', { step: sent, node, ports: [] }, 'wait=true');
  expect(body.command_error).toBeNull();
  const esp = mode === 'uefi' ? tagOf(`${device.path}p1`, 'UUID') : null;
  const tail = mode === 'uefi' && said === 'uefi' ? ` efi_system_partition_uuid=${esp}` : '';
  expect(body.command_result).toMatchObject({
    deploy_step: { step: 'write_image' },
    deploy_result: {
      result: `prepare_image: image (root.raw) written to device ${device.path} root_uuid=${ROOT_UUID}${tail}`,
      digest: sha256(root),
      virtual_size: root.length,
    },
  });
  const uuids = (await agent.post('standby.get_partition_uuids')).body.command_result;
  expect(uuids).toEqual({
    'root uuid': ROOT_UUID,
    'efi system partition uuid': esp,
    partitions: Object.fromEntries(roles.map((role, at) => [role, `${device.path}p${at + 1}`])),
  });
});

it('a failure leaves no identifiers and says what is wrong', async () => {
  const { device, api: agent } = await machine();
  const node = { uuid: 'n-1', properties: { capabilities: 'boot_mode:bios', root_device: { name: device.path } } };
  agent.ports.written.remember({ disk: device.path, uuids: { 'root uuid': 'old' } });
  const sent = step({ os_hash_value: 'ab'.repeat(32) });
  const { body } = await agent.post('deploy.execute_deploy_step', { step: sent, node, ports: [] }, 'wait=true');
  expect(body.command_error).toMatchObject({ type: 'ImageChecksumError' });
  expect((await agent.post('standby.get_partition_uuids')).body.command_result).toEqual({});
  const large = step({ root_mb: 4096 });
  const again = await agent.post('deploy.execute_deploy_step', { step: large, node, ports: [] }, 'wait=true');
  expect(again.body.command_error).toMatchObject({
    type: 'DeploymentError',
    details: expect.stringContaining('1 + 64 (swap) + 2 (config drive) + 4096 (root) = 4163 MiB'),
  });
});
