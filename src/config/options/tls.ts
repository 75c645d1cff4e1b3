import { bool, choice, count, optional, text } from '../kinds/index.ts';
import { defineOption } from '../option.ts';

/** TLS of the agent API and of requests that the agent makes. */
export const tlsOptions = {
  listenTls: defineOption({
    name: 'listen_tls',
    kind: bool,
    default: false,
    doc: 'Turns automatic TLS off, so that a certificate of your own is used when both of its files are set.',
  }),
  tlsCertFile: defineOption({
    name: 'tls_cert_file',
    kind: optional(text),
    default: null,
    aliases: [{ section: 'ssl', name: 'cert_file' }],
    doc: 'PEM file with the certificate of the agent API.',
  }),
  tlsKeyFile: defineOption({
    name: 'tls_key_file',
    kind: optional(text),
    default: null,
    aliases: [{ section: 'ssl', name: 'key_file' }],
    doc: 'PEM file with the private key that belongs to tls_cert_file.',
  }),
  tlsClientCaFile: defineOption({
    name: 'tls_client_ca_file',
    kind: optional(text),
    default: null,
    doc: 'PEM file of the authorities that must have signed the certificate of every client of the agent API. Unset means that clients need none: Ironic shows none by itself, so set this only with a proxy before its conductors that does. The API must speak TLS.',
  }),
  enableAutoTls: defineOption({
    name: 'enable_auto_tls',
    kind: bool,
    default: true,
    doc: 'Make a certificate at start and hand it to the conductor with each heartbeat (Ironic API 1.68 and later).',
  }),
  autoTlsAllowedClockSkew: defineOption({
    name: 'auto_tls_allowed_clock_skew',
    kind: count,
    default: 3600,
    doc: 'Seconds by which the generated certificate is dated back, for conductors whose clock is behind.',
  }),
  tlsMinVersion: defineOption({
    name: 'tls_min_version',
    kind: choice(['1.2', '1.3']),
    default: '1.2',
    kernel: 'ipa-tls-min-version',
    doc: 'Lowest TLS version, as server and as client. "1.3" allows 1.3 only.',
  }),
  tlsCipherSuites: defineOption({
    name: 'tls_cipher_suites',
    kind: optional(text),
    default: null,
    kernel: 'ipa-tls-cipher-suites',
    doc: 'Cipher suites of TLS 1.2, separated by colons. Unset means ECDHE with AES-GCM only.',
  }),
  tlsCertificateCurve: defineOption({
    name: 'tls_certificate_curve',
    kind: choice(['p256', 'p384', 'p521']),
    default: 'p384',
    kernel: 'ipa-tls-certificate-curve',
    doc: 'Curve of the key in the generated certificate.',
  }),
  insecure: defineOption({
    name: 'insecure',
    kind: bool,
    default: false,
    kernel: 'ipa-insecure',
    doc: 'Do not verify certificates of Ironic, of the inspection service and of image servers.',
  }),
  cafile: defineOption({
    name: 'cafile',
    kind: optional(text),
    default: null,
    doc: 'PEM file of the authorities that sign those certificates. Unset means the system store.',
  }),
  certfile: defineOption({
    name: 'certfile',
    kind: optional(text),
    default: null,
    doc: 'PEM file of the client certificate for outgoing requests; needs keyfile too.',
  }),
  keyfile: defineOption({
    name: 'keyfile',
    kind: optional(text),
    default: null,
    doc: 'PEM file of the private key that belongs to certfile.',
  }),
} as const;
