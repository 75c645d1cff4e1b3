import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Config, keyOf, negatedFlag, optionGroups, optionList, textOf } from '../../../src/config/index.ts';
import { problemsOf as schemaProblems } from '../../../src/core/index.ts';
import { resolve } from './given.ts';

const all = optionList.map(([, option]) => option);
const repeated = (words: readonly string[]) => words.filter((word, at) => words.indexOf(word) !== at);

describe('the option table', () => {
  it.each(optionList)('%s is documented, named by the rule, and its default fits', (key, option) => {
    expect(option.doc.length).toBeGreaterThanOrEqual(20);
    expect(option.doc).toMatch(/\.$/);
    expect(key).toBe(keyOf(option));
    expect(option.name).toMatch(/^[a-z0-9_]+$/);
    expect(schemaProblems(option.kind.schema, option.default)).toEqual([]);
    if (option.kernel !== undefined) expect(option.kernel).toMatch(/^ipa-[a-z0-9-]+$/);
    for (const ipv6Enabled of [true, false]) {
      const value = option.computed?.from({ ipv6Enabled }) ?? option.default;
      expect(schemaProblems(option.kind.schema, value)).toEqual([]);
    }
  });

  it.each(optionList)('%s: the default survives being written and read', (_key, option) => {
    expect(option.kind.read(textOf(option.default))).toEqual(option.default);
  });

  it('names are unique in every place where they are used', () => {
    expect(repeated(all.flatMap((o) => [o, ...o.aliases].map(({ section, name }) => `${section}.${name}`)))).toEqual(
      [],
    );
    expect(
      repeated(all.flatMap(({ kernel, oldKernel }) => [...oldKernel, ...(kernel === undefined ? [] : [kernel])])),
    ).toEqual([]);
    expect(repeated(all.flatMap((o) => (o.kind.bare === true ? [o.flag, negatedFlag(o)] : [o.flag])))).toEqual([]);
  });

  it('what has no effect says so', () => {
    for (const { effect, doc } of all) {
      if (effect === 'never') expect(doc).toContain('has no effect.');
    }
  });

  it('the topics hold the whole table, once', () => {
    const keys = optionGroups.flatMap(({ options }) => Object.keys(options));
    expect([...keys].sort()).toEqual(optionList.map(([key]) => key).sort());
  });

  it('the type of the configuration derives from the schemas', () => {
    expectTypeOf<Config['apiUrl']>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Config['listenPort']>().toEqualTypeOf<number>();
    expectTypeOf<Config['agentToken']>().toEqualTypeOf<string | null>();
    expectTypeOf<Config['ignoreBootloaderFailure']>().toEqualTypeOf<boolean | null>();
    expectTypeOf<Config['tlsMinVersion']>().toEqualTypeOf<'1.2' | '1.3'>();
    expectTypeOf<Config['mdnsParams']>().toEqualTypeOf<Record<string, string>>();
  });

  it('the reference defaults hold', () => {
    const { config } = resolve();
    expect(config).toMatchObject({
      apiUrl: [],
      listenPort: 9999,
      listenHost: '::',
      advertiseProtocol: 'http',
      ipLookupAttempts: 6,
      ipLookupSleep: 10,
      lookupTimeout: 600,
      lookupInterval: 1,
      lldpTimeout: 30,
      inspectionCollectors: null,
      inspectionDhcpWaitTimeout: 60,
      diskWaitAttempts: 10,
      diskWaitDelay: 3,
      imageDownloadConnectionRetries: 9,
      permittedImageFormats: ['raw', 'gpt', 'qcow2'],
      md5Enabled: true,
      guardSpecialFilesystems: true,
      diskUtilsEfiSystemPartitionSize: 550,
      diskPartitionerCheckDeviceMaxRetries: 20,
      metricsStatsdStatsdPort: 8125,
      metricsBackend: 'noop',
      containerRunOptions: ['--rm', '--network=host'],
      mdnsAllowedOverrides: ['inspection_callback_url', 'ntp_server'],
      mdnsUseMdns: false,
      getTokenPolicy: 'auto',
      runtimeDir: '/run/ironic-python-agent',
      defaultRootDiskParity: false,
    });
    expect(resolve({ facts: { ipv6Enabled: false } }).config.listenHost).toBe('0.0.0.0');
  });
});
