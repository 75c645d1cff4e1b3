import { autoOr, bool, count, list, matching, number, optional } from '../kinds/index.ts';
import { defineOption } from '../option.ts';

/** What is collected about the machine, and where it is sent. */
export const inspectionOptions = {
  inspectionCallbackUrl: defineOption({
    name: 'inspection_callback_url',
    kind: optional(
      matching('^(mdns|https?://\\S+(\\s*,\\s*https?://\\S+)*)$', 'http(s) URLs separated by commas, or "mdns"'),
    ),
    default: null,
    kernel: 'ipa-inspection-callback-url',
    oldKernel: ['inspector_callback_url', 'discoverd_callback_url', 'ironic_callback_url'],
    doc: 'Where the inspection result is posted; several URLs are tried in order. "mdns" asks the local network for the inspection service.',
  }),
  legacyInspectionKeys: defineOption({
    name: 'legacy_inspection_keys',
    kind: autoOr(bool),
    default: 'auto',
    kernel: 'ipa-legacy-inspection-keys',
    doc: 'Add the keys that ironic-discoverd and the first releases of ironic-inspector read (cpus, cpu_arch, memory_mb, local_gb, interfaces, ipmi_address, block_devices, macs). "auto" does so when the URL came by one of the old kernel parameters.',
  }),
  inspectionCollectors: defineOption({
    name: 'inspection_collectors',
    kind: optional(list),
    default: null,
    kernel: 'ipa-inspection-collectors',
    doc: 'Collectors to run, in order. Setting it together with an API URL enables inspection; unset means default,logs when inspecting.',
  }),
  inspectionDhcpWaitTimeout: defineOption({
    name: 'inspection_dhcp_wait_timeout',
    kind: count,
    default: 60,
    kernel: 'ipa-inspection-dhcp-wait-timeout',
    doc: 'Seconds to wait for an IPv4 address before the inventory is read; 0 does not wait.',
  }),
  inspectionDhcpAllInterfaces: defineOption({
    name: 'inspection_dhcp_all_interfaces',
    kind: bool,
    default: false,
    kernel: 'ipa-inspection-dhcp-all-interfaces',
    doc: 'Wait for an address on every interface, not only on the one the machine booted from.',
  }),
  inspectionBenchmarks: defineOption({
    name: 'inspection_benchmarks',
    kind: list,
    default: [],
    kernel: 'ipa-inspection-benchmarks',
    doc: 'Benchmarks for the extra-hardware collector to run: "cpu" takes up to a minute, "mem" up to two, "disk", which only reads, up to ten.',
  }),
  collectLldp: defineOption({
    name: 'collect_lldp',
    kind: bool,
    default: false,
    kernel: 'ipa-collect-lldp',
    doc: 'Add the first LLDP packet of each interface to the inventory (deprecated upstream in favour of the lldp collector). VLANs by LLDP (enable_vlan_interfaces) need it.',
  }),
  lldpTimeout: defineOption({
    name: 'lldp_timeout',
    kind: number(0),
    default: 30,
    kernel: 'ipa-lldp-timeout',
    doc: 'Seconds without any LLDP packet, on whichever interface, after which the wait for them ends; 0 does not wait, so there are none. Switches send one every 30 seconds unless told otherwise.',
  }),
} as const;
