import { type IniSections, type IniValue, iniText } from './ini.ts';
import { INSPECTION_ARGUMENTS } from './inspector-settings.ts';

export interface IronicSettings {
  /** Everything Ironic writes goes below this folder. */
  readonly directory: string;
  /** The address of the bridge: agents and the API meet there. */
  readonly address: string;
  readonly port: number;
  /** Folder and URL of the HTTP server that serves kernels, ramdisks, images and iPXE scripts. */
  readonly httpRoot: string;
  readonly httpUrl: string;
  readonly firmware: 'bios' | 'uefi';
  readonly fastTrack: boolean;
  /** Kernel arguments of the ramdisk. */
  readonly kernelArguments: string;
  /** Where ironic-inspector answers; null inspects nothing. */
  readonly inspectorUrl: string | null;
}

const INTERFACES: Readonly<Record<string, IniValue>> = {
  enabled_hardware_types: 'ipmi,fake-hardware,manual-management',
  enabled_boot_interfaces: 'ipxe,pxe,fake',
  enabled_deploy_interfaces: 'direct,custom-agent,ramdisk,fake',
  enabled_inspect_interfaces: 'inspector,no-inspect,fake',
  enabled_management_interfaces: 'ipmitool,noop,fake',
  enabled_network_interfaces: 'noop',
  enabled_power_interfaces: 'ipmitool,fake,agent',
  enabled_raid_interfaces: 'agent,no-raid,fake',
  enabled_rescue_interfaces: 'agent,no-rescue',
  enabled_storage_interfaces: 'noop,fake',
  enabled_vendor_interfaces: 'no-vendor,ipmitool,fake',
  enabled_bios_interfaces: 'no-bios,fake',
  enabled_console_interfaces: 'no-console,fake',
  default_deploy_interface: 'direct',
  default_network_interface: 'noop',
  default_boot_interface: 'ipxe',
};

/** Services that this Ironic does without: a loopback port that nobody serves. */
const ABSENT = { auth_type: 'none', endpoint_override: 'http://127.0.0.1:1' };

interface Places {
  readonly api: string;
  readonly below: (name: string) => string;
}

const inspector = (url: string) => ({
  auth_type: 'none',
  endpoint_override: url,
  callback_endpoint_override: url,
  require_managed_boot: true,
  status_check_period: 5,
  extra_kernel_params: INSPECTION_ARGUMENTS,
});

const services = (s: IronicSettings, { api, below }: Places): IniSections => ({
  DEFAULT: {
    auth_strategy: 'noauth',
    rpc_transport: 'none',
    host: 'conductor0',
    my_ip: s.address,
    state_path: below('state'),
    log_file: below('ironic.log'),
    debug: true,
    ...INTERFACES,
  },
  api: { host_ip: s.address, port: s.port, api_workers: 1, public_endpoint: api },
  database: { connection: `sqlite:///${below('ironic.sqlite')}` },
  oslo_concurrency: { lock_path: below('locks') },
  neutron: ABSENT,
  swift: ABSENT,
  glance: ABSENT,
  inspector: inspector(s.inspectorUrl ?? ABSENT.endpoint_override),
  service_catalog: { auth_type: 'none', endpoint_override: api },
  nova: { send_power_notifications: false },
  dhcp: { dhcp_provider: 'none' },
});

const provisioning = (s: IronicSettings, { below }: Places): IniSections => ({
  agent: {
    image_download_source: 'http',
    stream_raw_images: true,
    deploy_logs_collect: 'always',
    deploy_logs_local_path: below('agent-logs'),
    certificates_path: below('certificates'),
    command_timeout: 120,
    // The default since 26.0: an agent without automatic TLS is refused.
    require_tls: true,
  },
  conductor: {
    automated_clean: true,
    send_sensor_data: false,
    deploy_callback_timeout: 3600,
    clean_callback_timeout: 3600,
    inspect_wait_timeout: 3600,
    sync_power_state_interval: 20,
  },
  deploy: {
    http_url: s.httpUrl,
    http_root: s.httpRoot,
    erase_devices_priority: 0,
    erase_devices_metadata_priority: 10,
    default_boot_mode: s.firmware,
    default_boot_option: 'local',
    fast_track: s.fastTrack,
  },
  ipmi: { command_retry_timeout: 15, min_command_interval: 1 },
  pxe: {
    tftp_root: below('tftp'),
    tftp_server: s.address,
    images_path: below('images'),
    tftp_master_path: below('tftp-master'),
    instance_master_path: below('instance-master'),
    kernel_append_params: s.kernelArguments,
    ipxe_enabled: true,
  },
});

/** Folders that must exist before Ironic starts. */
export const ironicFolders = (directory: string): readonly string[] =>
  ['state', 'agent-logs', 'certificates', 'locks', 'tftp', 'images', 'tftp-master', 'instance-master'].map(
    (name) => `${directory}/${name}`,
  );

/** `ironic.conf` of a standalone Ironic 2023.1 without Keystone and message bus (conductor.md 2). */
export function ironicConf(settings: IronicSettings): string {
  const places: Places = {
    api: `http://${settings.address}:${settings.port}`,
    below: (name) => `${settings.directory}/${name}`,
  };
  return iniText({ ...services(settings, places), ...provisioning(settings, places) });
}
