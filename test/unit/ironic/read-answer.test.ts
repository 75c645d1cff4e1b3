import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentError } from '../../../src/core/index.ts';
import { readLookup } from '../../../src/ironic/index.ts';
import { lookupDocument, NODE_UUID, TOKEN } from '../../kit/scripted-conductor.ts';

const OWN = 'own-token-from-virtual-media-0123456789';

describe('lookup answer', () => {
  it('gives node, timeout and token', () => {
    const found = readLookup(lookupDocument(), null);
    expect(found.node.uuid).toBe(NODE_UUID);
    expect(found.heartbeatTimeoutMs).toBe(300_000);
    expect(found.token).toEqual({ kind: 'new', value: TOKEN });
    expect(found).toMatchObject({ config: {}, warnings: [] });
  });

  it.each([
    ['a conductor token', TOKEN, null, { kind: 'new', value: TOKEN }, 0],
    ['a conductor token over an own one', TOKEN, OWN, { kind: 'new', value: TOKEN }, 0],
    ['a masked one with an own one', '******', OWN, { kind: 'kept', value: OWN }, 1],
    ['a masked one without', '******', null, { kind: 'masked-unknown', value: null }, 0],
    ['a short one', 'x'.repeat(31), null, { kind: 'none', value: null }, 1],
    ['a short one with an own one', 'x'.repeat(31), OWN, { kind: 'kept', value: OWN }, 1],
    ['a number', 42, OWN, { kind: 'kept', value: OWN }, 1],
    ['null', null, OWN, { kind: 'kept', value: OWN }, 0],
    ['nothing', undefined, null, { kind: 'none', value: null }, 0],
    ['an empty one', '', OWN, { kind: 'kept', value: OWN }, 0],
  ])('token rule: %s', (_case, offered, known, token, warnings) => {
    const found = readLookup(lookupDocument({ agent_token: offered }), known);
    expect(found.token).toEqual(token);
    expect(found.warnings).toHaveLength(warnings);
    expect(found.warnings.join(' ')).not.toContain(OWN);
  });

  it('takes every option a conductor may set', () => {
    const found = readLookup(
      lookupDocument({
        agent_md5_checksum_enable: false,
        disable_deep_image_inspection: true,
        permitted_image_formats: ['raw', 'qcow2'],
        enable_bios_bootloader_install: true,
        agent_skip_bmc_detect: true,
        tls_min_version: '1.3',
        tls_cipher_suites: 'ECDHE-RSA-AES256-GCM-SHA384',
        metrics: {
          backend: 'statsd',
          prepend_host: true,
          prepend_uuid: false,
          prepend_host_reverse: false,
          global_prefix: null,
        },
        metrics_statsd: { statsd_host: 'stats', statsd_port: 8126 },
        agent_containers: {
          runner: 'docker',
          pull_options: ['--quiet'],
          allowed_containers: ['a'],
          container_conf_file: '/x',
        },
      }),
      null,
    );
    expect(found.config).toEqual({
      md5Enabled: false,
      disableDeepImageInspection: true,
      permittedImageFormats: ['raw', 'qcow2'],
      enableBiosBootloaderInstall: true,
      tlsMinVersion: '1.3',
      tlsCipherSuites: 'ECDHE-RSA-AES256-GCM-SHA384',
      metricsBackend: 'statsd',
      metricsPrependHost: true,
      metricsPrependHostReverse: false,
      metricsStatsdStatsdHost: 'stats',
      metricsStatsdStatsdPort: 8126,
      containerRunner: 'docker',
      containerPullOptions: ['--quiet'],
      containerAllowedContainers: ['a'],
    });
    expect(found.node.skip_bmc_detect).toBe(true);
    expect(found.warnings).toEqual([]);
  });

  it('leaves options alone that are null, empty, or false where only true counts', () => {
    const found = readLookup(
      lookupDocument({
        agent_md5_checksum_enable: null,
        permitted_image_formats: null,
        enable_bios_bootloader_install: false,
        agent_skip_bmc_detect: false,
        tls_min_version: '',
        tls_cipher_suites: null,
        agent_containers: null,
      }),
      null,
    );
    expect(found.config).toEqual({});
    expect(found.node).not.toHaveProperty('skip_bmc_detect');
    expect(found.warnings).toEqual([]);
  });

  it('takes the options of containers as lists and, as older conductors send them, as one text each', () => {
    const read = (options: Readonly<Record<string, unknown>>) =>
      readLookup(lookupDocument({ agent_containers: options }), null);
    const text = '--rm --network=host --tls-verify=false';
    expect(read({ run_options: text, pull_options: '--tls-verify=false' })).toMatchObject({
      config: { containerRunOptions: text, containerPullOptions: '--tls-verify=false' },
      warnings: [],
    });
    expect(read({ run_options: [], allowed_containers: [], allow_arbitrary_containers: false }).config).toEqual({
      containerRunOptions: [],
      containerAllowedContainers: [],
      containerAllowArbitraryContainers: false,
    });
    const wrong = read({
      run_options: 5,
      pull_options: [5],
      allow_arbitrary_containers: 'yes',
      allowed_containers: {},
    });
    expect([wrong.config, wrong.warnings.length]).toEqual([{}, 4]);
  });

  it('warns of unknown and wrong settings by name and takes the rest', () => {
    const found = readLookup(
      lookupDocument({
        tls_min_version: '1.0',
        agent_md5_checksum_enable: 'maybe',
        constructor: 1,
        secret_future_key: 'hidden',
        agent_containers: { runner: 'lxc', run_options: ['--rm'], novel: 1 },
        metrics: 'on',
      }),
      null,
    );
    expect(found.config).toEqual({ containerRunOptions: ['--rm'] });
    const text = found.warnings.join('\n');
    for (const key of [
      'tls_min_version',
      'agent_md5_checksum_enable',
      'constructor',
      'secret_future_key',
      'agent_containers.runner',
      'agent_containers.novel',
      'metrics',
    ])
      expect(text).toContain(key);
    expect(text).not.toContain('hidden');
  });

  it.each([
    ['no config', {}],
    ['a config of null', { config: null }],
  ])('accepts the old shape with the timeout on top and %s', (_case, config) => {
    expect(readLookup({ node: { uuid: NODE_UUID }, heartbeat_timeout: 60, ...config }, OWN)).toMatchObject({
      heartbeatTimeoutMs: 60_000,
      token: { kind: 'kept', value: OWN },
    });
  });

  it.each([
    ['a node that is none', { node: 'x', heartbeat_timeout: 60 }, 'the answer names no node'],
    [
      'a config that is none',
      { node: { uuid: 'u' }, config: [], heartbeat_timeout: 60 },
      'the config of the answer is no object',
    ],
    ['no timeout at all', { node: { uuid: 'u' }, config: null }, 'the answer has no usable heartbeat_timeout'],
  ])('says what is wrong: %s', (_case, json, why) => expect(() => readLookup(json, null)).toThrow(why));

  it.each([
    ['text', undefined],
    ['null', null],
    ['a list', []],
    ['no node', { config: { heartbeat_timeout: 300 } }],
    ['a node without uuid', { node: {}, config: { heartbeat_timeout: 300 } }],
    ['neither config nor timeout', { node: { uuid: 'u' } }],
    ['config without timeout', { node: { uuid: 'u' }, config: {} }],
    ['a timeout of zero', lookupDocument({ heartbeat_timeout: 0 })],
    ['a timeout in words', lookupDocument({ heartbeat_timeout: 'soon' })],
  ])('refuses %s', (_case, json) => expect(() => readLookup(json, null)).toThrow(/node|heartbeat_timeout/));

  it('survives any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()), (json, config) => {
        for (const candidate of [json, { node: { uuid: 'u' }, config: { ...config, heartbeat_timeout: 1 } }]) {
          try {
            readLookup(candidate, OWN);
          } catch (error) {
            expect(error).toBeInstanceOf(AgentError);
          }
        }
      }),
    );
  });
});
