import { bool, choice, dict, integer, list, optional, port, text } from '../kinds/index.ts';
import { defineOption } from '../option.ts';

/** Discovery by multicast DNS. */
export const mdnsOptions = {
  mdnsUseMdns: defineOption({
    section: 'mdns',
    name: 'use_mdns',
    kind: bool,
    default: false,
    kernel: 'ipa-use-mdns',
    doc: 'Look for the API by multicast DNS when neither api_url nor inspection_callback_url is set; the inspection-only program looks for the inspection service instead.',
  }),
  mdnsAllowedOverrides: defineOption({
    section: 'mdns',
    name: 'allowed_overrides',
    kind: list,
    default: ['inspection_callback_url', 'ntp_server'],
    doc: 'Options that a multicast DNS answer may set, by its TXT entries ipa_<option>; empty means all.',
  }),
  mdnsLookupAttempts: defineOption({
    section: 'mdns',
    name: 'lookup_attempts',
    kind: integer(1),
    default: 3,
    doc: 'How often a multicast DNS question is asked.',
  }),
  mdnsInterfaces: defineOption({
    section: 'mdns',
    name: 'interfaces',
    kind: list,
    default: [],
    doc: 'Own addresses of the interfaces to ask on; empty means all.',
  }),
  mdnsParams: defineOption({
    section: 'mdns',
    name: 'params',
    kind: dict,
    default: {},
    effect: 'never',
    doc: 'Extra TXT values of a multicast DNS server; the agent is only a client.',
  }),
} as const;

/** Timing of API calls sent to a statistics server. */
export const metricsOptions = {
  metricsBackend: defineOption({
    section: 'metrics',
    name: 'backend',
    kind: choice(['noop', 'statsd', 'collector']),
    default: 'noop',
    doc: 'Where the timers of the API go: nowhere, to statsd, or kept in memory and added to the collected logs. The conductor may set it at lookup.',
  }),
  metricsPrependHost: defineOption({
    section: 'metrics',
    name: 'prepend_host',
    kind: bool,
    default: false,
    doc: 'Put the host name in front of each metric name.',
  }),
  metricsPrependHostReverse: defineOption({
    section: 'metrics',
    name: 'prepend_host_reverse',
    kind: bool,
    default: true,
    doc: 'Reverse the labels of that host name, most general first.',
  }),
  metricsGlobalPrefix: defineOption({
    section: 'metrics',
    name: 'global_prefix',
    kind: optional(text),
    default: null,
    doc: 'Text in front of every metric name.',
  }),
  metricsStatsdStatsdHost: defineOption({
    section: 'metrics_statsd',
    name: 'statsd_host',
    kind: text,
    default: 'localhost',
    doc: 'Host of the statsd server.',
  }),
  metricsStatsdStatsdPort: defineOption({
    section: 'metrics_statsd',
    name: 'statsd_port',
    kind: port,
    default: 8125,
    doc: 'UDP port of the statsd server.',
  }),
  metricsPrometheus: defineOption({
    section: 'metrics',
    name: 'prometheus',
    kind: bool,
    default: false,
    kernel: 'ipa-metrics-prometheus',
    doc: 'Serve measurements for Prometheus at /metrics, to everybody, and at /v1/metrics to who has the agent token.',
  }),
} as const;
