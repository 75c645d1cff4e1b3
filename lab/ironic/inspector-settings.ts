import { iniText } from './ini.ts';

export interface InspectorSettings {
  /** Everything the inspector writes goes below this folder. */
  readonly directory: string;
  /** The address of the bridge: agents post there. */
  readonly address: string;
  readonly port: number;
  /** The API of Ironic. */
  readonly ironicUrl: string;
}

export const ramdiskLogs = (directory: string): string => `${directory}/ramdisk-logs`;

/** What the agent is asked for; the logs come last so that they tell of the rest. */
export const INSPECTION_ARGUMENTS = 'ipa-inspection-collectors=default,logs';

/** `inspector.conf` of a standalone ironic-inspector 11.1 without Keystone and message bus (conductor.md 1). */
export function inspectorConf({ directory, address, port, ironicUrl }: InspectorSettings): string {
  const below = (name: string) => `${directory}/${name}`;
  return iniText({
    DEFAULT: {
      standalone: true,
      transport_url: 'fake://',
      host: 'inspector0',
      listen_address: address,
      listen_port: port,
      auth_strategy: 'noauth',
      log_file: below('inspector.log'),
      debug: true,
    },
    database: { connection: `sqlite:///${below('inspector.sqlite')}` },
    ironic: { auth_type: 'none', endpoint_override: ironicUrl },
    pxe_filter: { driver: 'noop' },
    capabilities: { boot_mode: true },
    processing: {
      // Ironic manages power: it turns a server off unless the next procedure takes the running agent.
      power_off: false,
      add_ports: 'all',
      store_data: 'database',
      ramdisk_logs_dir: ramdiskLogs(directory),
      always_store_ramdisk_logs: true,
    },
  });
}
