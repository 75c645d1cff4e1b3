import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/index.ts';
import { createSecrets, silentLog } from '../../../src/core/index.ts';
import {
  apiUrls,
  createSettingsStore,
  imageSettings,
  isInspecting,
  liveSettings,
  logSettings,
  wantsAutomaticTls,
} from '../../../src/runtime/settings/index.ts';

const resolved = (kernel: string) =>
  resolveConfig({ files: [], env: {}, flags: [], kernel, facts: { ipv6Enabled: true } });
const configOf = (kernel: string) => resolved(kernel).config;

describe('what the configuration asks for', () => {
  it.each([
    ['', false, false],
    ['ipa-api-url=http://a', false, true],
    ['ipa-inspection-callback-url=http://i/v1/continue', true, false],
    ['ipa-api-url=http://a ipa-inspection-collectors=default', true, true],
    ['ipa-inspection-collectors=default', false, false],
    ['ipa-api-url=mdns ipa-inspection-collectors=default', false, true],
  ])('kernel line "%s": inspects %s, automatic TLS %s', (kernel, inspects, tls) => {
    const config = configOf(kernel);
    expect(isInspecting(config)).toBe(inspects);
    expect(wantsAutomaticTls(config)).toBe(tls);
  });

  it('leaves out addresses that nobody can call', () => {
    expect(apiUrls(configOf('ipa-api-url=mdns,http://a'))).toEqual(['http://a']);
  });
});

describe('where the log goes', () => {
  const settingsOf = (ini: string) =>
    logSettings(
      resolveConfig({
        files: [{ path: 'agent.conf', text: `[DEFAULT]\n${ini}` }],
        env: {},
        flags: [],
        kernel: '',
        facts: { ipv6Enabled: true },
      }).config,
    );
  it.each([
    ['', null],
    ['log_file = agent.log', resolve('agent.log')],
    ['log_dir = /var/log/ipa', '/var/log/ipa/ironic-python-agent.log'],
    ['log_dir = /var/log/ipa\nlog_file = a.log', '/var/log/ipa/a.log'],
    ['log_dir = /var/log/ipa\nlog_file = /run/a.log', '/run/a.log'],
    ['logdir = /var/log/ipa\nlogfile = a.log', '/var/log/ipa/a.log'],
  ])('"%s": to %s', (ini, path) => {
    expect(settingsOf(ini).path).toBe(path);
  });
  it.each([
    ['', 'text'],
    ['log_format = json', 'json'],
    ['use_json = true', 'json'],
    ['use_json = true\nlog_format = text', 'json'],
  ])('"%s": as %s', (ini, format) => {
    expect(settingsOf(ini).format).toBe(format);
  });
});

describe('settings the conductor changes at lookup', () => {
  const secrets = createSecrets();
  const store = createSettingsStore(resolved('ipa-agent-token=pre-shared-token-of-32-characters'), silentLog, secrets);
  store.override({ md5Enabled: false, permittedImageFormats: ['raw'], tlsMinVersion: '1.3', nonsense: 1 }, 'lookup');

  it('steer the image checks', () => {
    const settings = imageSettings(store.config(), store.local(), {});
    expect(settings).toMatchObject({ md5Enabled: false, permittedFormats: ['raw'] });
  });

  it('raise the TLS floor of the agent API, not of image servers', () => {
    expect(store.config().tlsMinVersion).toBe('1.3');
    expect(imageSettings(store.config(), store.local(), {}).tls.minVersion).toBe('1.2');
  });

  it('allow the boot loader programs of an image from then on', () => {
    const live = liveSettings(store, { bootif: null, proxies: { http_proxy: 'p:1' } }, () => false);
    expect(live.image.proxies).toEqual({ http_proxy: 'p:1' });
    expect(live.biosBootloaderInstall).toBe(false);
    store.override({ enableBiosBootloaderInstall: true }, 'lookup');
    expect(live.biosBootloaderInstall).toBe(true);
  });

  it('make every token a secret', () => {
    store.setToken('another-token-from-the-lookup-answer');
    expect(secrets.values()).toEqual(['pre-shared-token-of-32-characters', 'another-token-from-the-lookup-answer']);
    expect(store.token()).toBe('another-token-from-the-lookup-answer');
  });
});
