import { bool, choice, count, integer, matching, optional, text } from '../kinds/index.ts';
import { defineOption } from '../option.ts';

/** The agent itself: behaviour, start-up delays, own extensions to the reference. */
export const agentOptions = {
  globalRequestId: defineOption({
    name: 'global_request_id',
    kind: optional(text),
    default: null,
    kernel: 'ipa-global-request-id',
    doc: 'Request id (req-<UUID>) sent as X-OpenStack-Request-ID with every request to Ironic.',
  }),
  agentToken: defineOption({
    name: 'agent_token',
    kind: optional(text),
    default: null,
    kernel: 'ipa-agent-token',
    secret: true,
    doc: 'Token the conductor must present, known before lookup. Meant for virtual media; otherwise lookup delivers it.',
  }),
  getTokenPolicy: defineOption({
    name: 'get_token_policy',
    kind: choice(['auto', 'strict', 'compat']),
    default: 'auto',
    kernel: 'ipa-get-token-policy',
    doc: 'Whether GET requests need the agent token. "auto" decides by the API version of the conductor, "strict" always asks for it, "compat" only after the first GET that carried it.',
  }),
  runtimeDir: defineOption({
    name: 'runtime_dir',
    kind: matching('^/.+', 'an absolute path'),
    default: '/run/ironic-python-agent',
    doc: 'Folder (root only, in memory) for the generated certificate and for what must survive a restart of the agent.',
  }),
  configPrecedence: defineOption({
    name: 'config_precedence',
    kind: choice(['file', 'kernel']),
    default: 'file',
    kernel: 'ipa-config-precedence',
    doc: 'Who wins when a configuration file and a kernel parameter set the same option. "file" is the rule of ironic-python-agent.',
  }),
  heartbeatProgress: defineOption({
    name: 'heartbeat_progress',
    kind: bool,
    default: false,
    kernel: 'ipa-heartbeat-progress',
    doc: 'Report the progress of long commands in agent_status_message of heartbeats (Ironic API 1.72 and later).',
  }),
  hardwareInitializationDelay: defineOption({
    name: 'hardware_initialization_delay',
    kind: count,
    default: 0,
    kernel: 'ipa-hardware-initialization-delay',
    doc: 'Seconds to wait before the hardware is looked at, for devices that appear late.',
  }),
  ntpServer: defineOption({
    name: 'ntp_server',
    kind: optional(
      matching('^[a-zA-Z0-9.:_][a-zA-Z0-9.:_-]{0,252}$', 'an IP address or host name of at most 253 characters'),
    ),
    default: null,
    kernel: 'ipa-ntp-server',
    doc: 'Time server asked once at start and again before power-off, by chrony or, where an image has only that, ntpdate.',
  }),
  failIfClockNotSet: defineOption({
    name: 'fail_if_clock_not_set',
    kind: bool,
    default: false,
    doc: 'Do not start work before ntp_server has set the clock; the agent keeps trying. Power-off never waits for it.',
  }),
  clockFromConductor: defineOption({
    name: 'clock_from_conductor',
    kind: bool,
    default: true,
    kernel: 'ipa-clock-from-conductor',
    doc: 'Set the clock by the Date header of Ironic, once and within bounds, when TLS would otherwise fail because of it.',
  }),
  introspectionDaemon: defineOption({
    name: 'introspection_daemon',
    kind: bool,
    default: false,
    doc: 'The inspection-only program repeats the inspection instead of ending after the first report.',
  }),
  introspectionDaemonPostInterval: defineOption({
    name: 'introspection_daemon_post_interval',
    kind: integer(1),
    default: 300,
    doc: 'Seconds between two reports of the inspection daemon, give or take some; after a failed one the pause grows to at most 1200 s.',
  }),
} as const;
