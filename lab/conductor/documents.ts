import type { AgentAddress } from './agent-client.ts';
import type { PlannedStep } from './states.ts';
import type { NodeRecord } from './store.ts';

const MASK = '******';

export interface BootLine {
  readonly purpose: 'inspect' | 'work';
  readonly apiUrl: string;
  readonly inspectionUrl: string;
  readonly collectors: readonly string[];
  readonly fastTrack: boolean;
  readonly requestId: string;
  /** The operator's own arguments, e.g. `console=ttyS0`. */
  readonly extra: string;
}

/**
 * What the conductor adds to the kernel line (conductor.md 4.1): an inspection without fast track gets no API URL.
 * `BOOTIF` is added by the boot program, which knows the NIC.
 */
export function ramdiskArguments(line: BootLine): string {
  const inspect = [
    `ipa-inspection-callback-url=${line.inspectionUrl}`,
    `ipa-inspection-collectors=${line.collectors.join(',')}`,
    'ipa-collect-lldp=1',
  ];
  const work = [`ipa-api-url=${line.apiUrl}`, `ipa-global-request-id=req-${line.requestId}`];
  const wanted = line.purpose === 'work' ? work : line.fastTrack ? [...inspect, ...work] : inspect;
  return [line.extra, ...wanted].filter((word) => word !== '').join(' ');
}

const SECRETS = /password|secret|token|authorization|configdrive|image_url/i;

const masked = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, SECRETS.test(key) ? MASK : value]));

/** Its root file system alone comes as an image. */
export const isPartitionImage = (node: NodeRecord): boolean => node.instance_info.image_type === 'partition';

/** `driver_internal_info` as Ironic keeps it: what is known of the running agent is part of it. */
function internalInfo(node: NodeRecord): Record<string, unknown> {
  const { token, url, version, ca } = node.agent;
  return {
    ...masked(node.driver_internal_info),
    is_whole_disk_image: !isPartitionImage(node),
    ...(token === null ? {} : { agent_secret_token: MASK }),
    ...(url === null ? {} : { agent_url: url }),
    ...(version === null ? {} : { agent_version: version }),
    ...(ca === null ? {} : { agent_verify_ca: `${node.uuid}.crt` }),
  };
}

/** The four fields of a lookup (protocol.md 4.3). */
export const lookupNode = (node: NodeRecord, apiUrl: string) => ({
  uuid: node.uuid,
  properties: node.properties,
  instance_info: masked(node.instance_info),
  driver_internal_info: internalInfo(node),
  links: [{ href: `${apiUrl}/v1/nodes/${node.uuid}`, rel: 'self' }],
});

/** The node object of every step command (protocol.md 8.2), secrets masked. */
export const fullNode = (node: NodeRecord) => ({
  uuid: node.uuid,
  name: node.name,
  driver: 'lab',
  provision_state: node.situation.provision,
  target_provision_state: null,
  last_error: node.situation.error,
  properties: node.properties,
  instance_info: masked(node.instance_info),
  driver_info: masked(node.driver_info),
  driver_internal_info: internalInfo(node),
  clean_step: node.situation.current ?? {},
  deploy_step: node.situation.current ?? {},
  raid_config: {},
  target_raid_config: {},
  traits: { objects: [] },
  extra: {},
});

/** The node of `execute_deploy_step` carries the config drive in clear. */
export const deployNode = (node: NodeRecord) => {
  const full = fullNode(node);
  if (node.configdrive === null) return full;
  return { ...full, instance_info: { ...full.instance_info, configdrive: node.configdrive } };
};

export const portsOf = (node: NodeRecord) =>
  node.macs.map((address, index) => ({ address, node_uuid: node.uuid, pxe_enabled: index === 0, extra: {} }));

const present = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

const GIB_IN_MIB = 1024;

/** Further keys for a partition image (protocol.md 8.3). */
function partitionKeys(node: NodeRecord) {
  const info = node.instance_info;
  const count = (value: unknown) => (typeof value === 'number' ? value : 0);
  return {
    image_type: 'partition',
    kernel: null,
    ramdisk: null,
    root_gb: String(count(info.root_gb)),
    root_mb: GIB_IN_MIB * count(info.root_gb),
    swap_mb: count(info.swap_mb),
    ephemeral_mb: GIB_IN_MIB * count(info.ephemeral_gb),
    ephemeral_format: info.ephemeral_format ?? null,
    preserve_ephemeral: info.preserve_ephemeral ?? false,
    deploy_boot_mode: node.firmware,
    boot_option: 'local',
    disk_label: null,
  };
}

/** What `write_image` gets (protocol.md 8.3). The config drive travels twice, as in Ironic. */
export function writeImageStep(node: NodeRecord) {
  const info = node.instance_info;
  const source = String(info.image_source);
  const configdrive = node.configdrive;
  const image_info = {
    id: source.split('/').at(-1) ?? source,
    urls: [source],
    disk_format: info.image_disk_format ?? null,
    container_format: info.image_container_format ?? 'bare',
    stream_raw_images: true,
    ...(isPartitionImage(node) ? partitionKeys(node) : {}),
    ...present({
      checksum: info.image_checksum,
      os_hash_algo: info.image_os_hash_algo,
      os_hash_value: info.image_os_hash_value,
      configdrive,
    }),
    node_uuid: node.uuid,
  };
  return { interface: 'deploy', step: 'write_image', args: { image_info, configdrive } };
}

/** A step as sent to the agent: without the conductor's own marks. */
export const agentStep = (step: PlannedStep) => ({
  interface: step.interface,
  step: step.step,
  priority: step.priority,
  reboot_requested: step.reboot_requested ?? false,
  requires_ramdisk: true,
});

export const addressOf = (node: NodeRecord): AgentAddress | null =>
  node.agent.url === null ? null : { url: node.agent.url, token: node.agent.token, ca: node.agent.ca };
