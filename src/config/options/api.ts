import { choice, count, integer, listOf, matching, optional, port, text } from '../kinds/index.ts';
import { defineOption } from '../option.ts';

/** Both directions of the talk with Ironic: where its API is, and where the agent listens. */
export const apiOptions = {
  apiUrl: defineOption({
    name: 'api_url',
    kind: listOf('^(mdns|https?://\\S+)$', 'http(s) URLs separated by commas, or "mdns"'),
    default: [],
    kernel: 'ipa-api-url',
    doc: 'Base URLs of the Ironic API, tried in order. "mdns" asks the local network for it.',
  }),
  ironicApiVersion: defineOption({
    name: 'ironic_api_version',
    kind: optional(matching('^\\d+\\.\\d+$', 'a version such as 1.68')),
    default: null,
    kernel: 'ipa-ironic-api-version',
    doc: 'API version to assume instead of asking the API root for the versions it speaks.',
  }),
  httpRequestTimeout: defineOption({
    name: 'http_request_timeout',
    kind: integer(1),
    default: 30,
    kernel: 'ipa-http-request-timeout',
    doc: 'Seconds one request to Ironic or to the inspection service may take.',
  }),
  lookupTimeout: defineOption({
    name: 'lookup_timeout',
    kind: count,
    default: 600,
    kernel: 'ipa-lookup-timeout',
    doc: 'Seconds after which an unsuccessful lookup is given up.',
  }),
  lookupInterval: defineOption({
    name: 'lookup_interval',
    kind: count,
    default: 1,
    kernel: 'ipa-lookup-interval',
    doc: 'Smallest pause in seconds between two lookups; it grows from there.',
  }),
  listenHost: defineOption({
    name: 'listen_host',
    kind: matching('^\\S+$', 'an IP address or host name'),
    default: '::',
    computed: {
      from: ({ ipv6Enabled }) => (ipv6Enabled ? '::' : '0.0.0.0'),
      doc: ':: when the kernel has IPv6 enabled, else 0.0.0.0',
    },
    kernel: 'ipa-listen-host',
    doc: 'Address the agent API binds to; :: serves IPv6 and IPv4.',
  }),
  listenPort: defineOption({
    name: 'listen_port',
    kind: port,
    default: 9999,
    kernel: 'ipa-listen-port',
    doc: 'Port the agent API binds to.',
  }),
  advertiseHost: defineOption({
    name: 'advertise_host',
    kind: optional(text),
    default: null,
    kernel: 'ipa-advertise-host',
    doc: 'Address the conductor is told to call. Unset means: the address that reaches the API.',
  }),
  advertisePort: defineOption({
    name: 'advertise_port',
    kind: port,
    default: 9999,
    kernel: 'ipa-advertise-port',
    doc: 'Port the conductor is told to call.',
  }),
  advertiseProtocol: defineOption({
    name: 'advertise_protocol',
    kind: choice(['http', 'https']),
    default: 'http',
    kernel: 'ipa-advertise-protocol',
    doc: 'Scheme the conductor is told to use. Automatic TLS turns it into https; with a certificate of your own set it yourself.',
  }),
  ipLookupAttempts: defineOption({
    name: 'ip_lookup_attempts',
    kind: integer(1),
    default: 6,
    kernel: 'ipa-ip-lookup-attempts',
    doc: 'How often the agent looks for an address to advertise.',
  }),
  ipLookupSleep: defineOption({
    name: 'ip_lookup_sleep',
    kind: count,
    default: 10,
    kernel: 'ipa-ip-lookup-timeout',
    doc: 'Seconds between two of these attempts. The kernel parameter has kept its historic name.',
  }),
  networkInterface: defineOption({
    name: 'network_interface',
    kind: optional(matching('^[^\\s/]{1,15}$', 'the name of a network interface')),
    default: null,
    kernel: 'ipa-network-interface',
    doc: 'Advertise the IPv4 address of this interface instead of searching.',
  }),
  enableVlanInterfaces: defineOption({
    name: 'enable_vlan_interfaces',
    kind: listOf('^[A-Za-z0-9_:.-]+$', 'a list of nic.vlan, mac.vlan, nic, or "all"'),
    default: [],
    kernel: 'ipa-enable-vlan-interfaces',
    doc: 'VLAN interfaces to create before inspection and lookup: nic.vlan or mac.vlan. A bare nic or "all" mean those that the switch announces by LLDP with a name, on that interface or on all; they need collect_lldp.',
  }),
} as const;
