import type { IronicClient } from '../../ironic/index.ts';
import type { LabSpec } from '../../scenario/index.ts';
import type { Bench } from '../server.ts';
import { BMC } from './services.ts';

const MIB = 2 ** 20;

/** What a node is told when nobody inspects it. */
const knownProperties = (spec: LabSpec) => ({
  cpu_arch: 'x86_64',
  memory_mb: spec.memoryMiB,
  local_gb: Math.floor(Math.min(...spec.disks.map((disk) => disk.sizeMiB)) / 1024),
});

/** Creates the node with the port that boots; returns its uuid. */
export async function enrol(ironic: IronicClient, bench: Bench, spec: LabSpec): Promise<string> {
  const { kernel, initramfs } = bench.urls;
  const { uuid } = await ironic.createNode({
    name: 'server',
    driver: 'ipmi',
    boot_interface: 'ipxe',
    deploy_interface: 'direct',
    power_interface: 'ipmitool',
    management_interface: 'ipmitool',
    inspect_interface: spec.inspector ? 'inspector' : 'no-inspect',
    network_interface: 'noop',
    raid_interface: 'agent',
    rescue_interface: spec.rescue ? 'agent' : 'no-rescue',
    driver_info: {
      ipmi_address: bench.network.address,
      ipmi_port: BMC.port,
      ipmi_username: BMC.user,
      ipmi_password: BMC.password,
      deploy_kernel: kernel,
      deploy_ramdisk: initramfs,
      rescue_kernel: kernel,
      rescue_ramdisk: initramfs,
    },
    properties: {
      ...(spec.inspector ? {} : knownProperties(spec)),
      capabilities: `boot_mode:${spec.firmware}`,
      ...(spec.hints === null ? {} : { root_device: spec.hints }),
    },
  });
  await ironic.createPort(uuid, bench.macs[0] ?? '');
  return uuid;
}

export const setImage = (ironic: IronicClient, uuid: string, bench: Bench, { image }: LabSpec): Promise<void> =>
  ironic.set(uuid, {
    '/instance_info/image_source': bench.urls.image,
    '/instance_info/image_os_hash_algo': 'sha256',
    '/instance_info/image_os_hash_value': image.sha256,
    '/instance_info/image_disk_format': image.format,
    '/instance_info/image_type': 'whole-disk',
    '/instance_info/root_gb': Math.ceil(image.virtualSize / MIB / 1024),
  });
