import { describe, expect, it } from 'vitest';
import { type Inputs, optionList, parseCommandLine, variableOf, withOverrides } from '../../../src/config/index.ts';
import { file, problemsOf, resolve } from './given.ts';

const flags = (...argv: string[]) =>
  parseCommandLine(argv, { program: 'p', commands: [{ name: 'agent', doc: '' }], switches: [] }).settings;

const overrides = [{ origin: 'lookup', values: { listenPort: 1 } }];
const sources = {
  overrides: { overrides },
  flags: { flags: flags('--listen_port', '2') },
  env: { env: { OS_DEFAULT__LISTEN_PORT: '3' } },
  files: { files: [file('[DEFAULT]\nlisten_port=4')] },
  kernel: { kernel: 'ipa-listen-port=5' },
} as const satisfies Record<string, Partial<Inputs>>;
const kernelFirst = { files: [file('[DEFAULT]\nlisten_port=4\nconfig_precedence=kernel')] };

const braced = (name: string) => `\${${name}}`;

describe('precedence', () => {
  it.each<[string, Partial<Inputs>, number, string]>([
    ['default', {}, 9999, 'default'],
    ['kernel over default', sources.kernel, 5, 'kernel parameter ipa-listen-port'],
    ['file over kernel', { ...sources.kernel, ...sources.files }, 4, 'file /etc/a.conf [DEFAULT] line 2'],
    ['environment over file', { ...sources.files, ...sources.env }, 3, 'environment OS_DEFAULT__LISTEN_PORT'],
    ['flag over environment', { ...sources.env, ...sources.flags }, 2, 'flag --listen_port'],
    ['override over flag', { ...sources.flags, ...sources.overrides }, 1, 'lookup'],
    ['kernel over file when asked', { ...sources.kernel, ...kernelFirst }, 5, 'kernel parameter ipa-listen-port'],
    ['file without kernel when asked', kernelFirst, 4, 'file /etc/a.conf [DEFAULT] line 2'],
    [
      'environment over both when asked',
      { ...sources.kernel, ...kernelFirst, ...sources.env },
      3,
      'environment OS_DEFAULT__LISTEN_PORT',
    ],
  ])('%s', (_title, inputs, port, origin) => {
    const { config, origins, warnings } = resolve(inputs);
    expect([config.listenPort, origins.listenPort, warnings]).toEqual([port, origin, []]);
  });

  it('the kernel line itself may ask to win', () => {
    const inputs = {
      files: [file('[DEFAULT]\nlisten_port=4')],
      kernel: 'ipa-config-precedence=kernel ipa-listen-port=5',
    };
    expect(resolve(inputs).config.listenPort).toBe(5);
  });

  it('later files and later lines win', () => {
    const files = [
      file('[DEFAULT]\nlisten_port=1\nlookup_timeout=1\nlookup_timeout=2'),
      file('[DEFAULT]\nlisten_port=3', '/b'),
    ];
    expect(resolve({ files }).config).toMatchObject({ listenPort: 3, lookupTimeout: 2 });
  });

  it('ipa-debug beats every source', () => {
    const inputs = { kernel: 'ipa-debug=1', flags: flags('--nodebug'), files: [file('[DEFAULT]\ndebug=no')] };
    expect(resolve(inputs).config.debug).toBe(true);
    expect(resolve({ ...inputs, kernel: 'ipa-debug=0', flags: flags('--debug') }).config.debug).toBe(false);
    expect(resolve({ ...inputs, kernel: 'ipa-debug' }).config.debug).toBe(false);
  });

  it.each(optionList)('%s can be set by file, environment and its kernel parameter', (key, option) => {
    const raw = option.kind.bare === true ? 'true' : /integer|number/.test(option.kind.allowed) ? '42' : null;
    if (raw === null) return;
    const value = option.kind.read(raw);
    const section = `[${option.section}]\n${option.name} = ${raw}`;
    expect(resolve({ files: [file(section)] }).config[key]).toBe(value);
    expect(resolve({ env: { [variableOf(option)]: raw } }).config[key]).toBe(value);
    if (option.kernel !== undefined) expect(resolve({ kernel: `${option.kernel}=${raw}` }).config[key]).toBe(value);
  });

  it('the result cannot be changed', () => {
    const { config, origins } = resolve({ kernel: 'ipa-api-url=http://a/' });
    for (const part of [config, origins, config.apiUrl, config.permittedImageFormats])
      expect(Object.isFrozen(part)).toBe(true);
  });
});

describe('names', () => {
  it('old names work and are reported; the new name wins', () => {
    const old = resolve({ files: [file('[ssl]\ncert_file=/old')] });
    expect(old.config.tlsCertFile).toBe('/old');
    expect(old.warnings).toEqual([
      '[ssl]cert_file (file /etc/a.conf [ssl] line 2) is an old name; write tls_cert_file',
    ]);
    const both = resolve({ files: [file('[ssl]\ncert_file=/old\n[DEFAULT]\ntls_cert_file=/new')] });
    expect([both.config.tlsCertFile, both.warnings]).toEqual(['/new', []]);
    expect(resolve({ env: { OS_SSL__KEY_FILE: '/k' } }).config.tlsKeyFile).toBe('/k');
  });

  it('unknown sections and options are ignored', () => {
    expect(
      resolve({ files: [file('[nova]\nx=1\n[DEFAULT]\nno_such_thing=1')], env: { OS_X__Y: '1' } }).warnings,
    ).toEqual([]);
  });
});

describe('references to other options', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['plain', 'listen_port=80\nadvertise_port=$listen_port', { advertisePort: 80 }],
    ['default of the other', 'advertise_port=$listen_port', { advertisePort: 9999 }],
    ['braced, in text', `log_dir=/l\nlog_file=${braced('log_dir')}s/x`, { logFile: '/ls/x' }],
    ['through two', 'log_dir=$runtime_dir\nlog_file=$log_dir/x', { logFile: '/run/ironic-python-agent/x' }],
    ['another section', `advertise_host=${braced('metrics_statsd.statsd_host')}`, { advertiseHost: 'localhost' }],
    [
      'own section first',
      '[disk_utils]\nimage_convert_attempts=$partprobe_attempts',
      { diskUtilsImageConvertAttempts: 10 },
    ],
    ['DEFAULT from a section', '[metrics]\nglobal_prefix=$listen_port', { metricsGlobalPrefix: '9999' }],
    ['dollar signs', 'log_file=a$$b\nlog_dir=a\\$b', { logFile: 'a$b', logDir: 'a$b' }],
    ['unknown name', 'log_file=a$nothing', { logFile: 'a$nothing' }],
  ])('%s', (_title, lines, expected) => {
    expect(resolve({ files: [file(`[DEFAULT]\n${lines}`)] }).config).toMatchObject(expected);
  });

  it('uses what another source says', () => {
    const files = [file('[DEFAULT]\nadvertise_port=$listen_port')];
    expect(resolve({ files, flags: flags('--listen_port=7') }).config.advertisePort).toBe(7);
  });

  it('a circle is an error, not a hang', () => {
    const lines = problemsOf(() => resolve({ files: [file('[DEFAULT]\nlog_file=$log_dir\nlog_dir=$log_file')] }));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(
      'log_file = "$log_dir" (file /etc/a.conf [DEFAULT] line 2) is not allowed: its $ reference leads back to itself',
    );
  });
});

describe('bad values', () => {
  it('one line names option, value, origin and what is allowed', () => {
    expect(problemsOf(() => resolve({ files: [file('[DEFAULT]\nlisten_port = many')] }))).toEqual([
      'listen_port = "many" (file /etc/a.conf [DEFAULT] line 2) is not allowed: expected an integer from 0 to 65535',
    ]);
  });

  it('all of them are reported at once', () => {
    const lines = problemsOf(() =>
      resolve({
        files: [file('[DEFAULT]\nlisten_port=x\nwords\n[mdns]\nuse_mdns=maybe')],
        env: { OS_METRICS__BACKEND: 'graphite' },
        flags: flags('--tls_min_version', '1.1'),
      }),
    );
    expect(lines).toEqual([
      'file /etc/a.conf line 3: "words" has no value; write name = value',
      'listen_port = "x" (file /etc/a.conf [DEFAULT] line 2) is not allowed: expected an integer from 0 to 65535',
      'tls_min_version = "1.1" (flag --tls_min_version) is not allowed: expected one of 1.2, 1.3',
      '[mdns]use_mdns = "maybe" (file /etc/a.conf [mdns] line 5) is not allowed: expected true or false (also 1/0, on/off, yes/no)',
      '[metrics]backend = "graphite" (environment OS_METRICS__BACKEND) is not allowed: expected one of noop, statsd, collector',
    ]);
  });

  it('a bad kernel parameter is a warning and the next source counts', () => {
    const alone = resolve({ kernel: 'ipa-listen-port=x' });
    expect(alone.config.listenPort).toBe(9999);
    expect(alone.warnings).toEqual([
      'listen_port = "x" (kernel parameter ipa-listen-port) is not allowed: expected an integer from 0 to 65535; "9999" (default) is used instead',
    ]);
    const behind = resolve({ kernel: 'ipa-listen-port=x', ...kernelFirst });
    expect([behind.config.listenPort, behind.origins.listenPort]).toEqual([4, 'file /etc/a.conf [DEFAULT] line 2']);
    expect(resolve({ kernel: 'ipa-listen-port=x', ...sources.files }).warnings).toEqual([]);
  });

  it('credentials in a bad value are not shown', () => {
    const [line] = problemsOf(() => resolve({ env: { OS_DEFAULT__API_URL: 'ftp://me:hunter22@host/' } }));
    expect(line).toContain('ftp://******@host/');
    expect(line).not.toContain('hunter22');
  });
});

describe('overrides', () => {
  it('text is read, JSON must fit, null means not given, the rest is a warning', () => {
    const before = resolve({ kernel: 'ipa-ntp-server=10.0.0.1' });
    const after = withOverrides(
      before,
      {
        md5Enabled: false,
        debug: 'yes',
        permittedImageFormats: ['raw'],
        ntpServer: null,
        tlsMinVersion: '0.9',
        listenPort: '80',
        advertisePort: true,
        colour: 'red',
      },
      'lookup',
    );
    expect(after.config).toMatchObject({
      md5Enabled: false,
      debug: true,
      permittedImageFormats: ['raw'],
      listenPort: 80,
    });
    expect(after.config).toMatchObject({ ntpServer: '10.0.0.1', tlsMinVersion: '1.2', advertisePort: 9999 });
    expect([after.origins.md5Enabled, after.origins.ntpServer]).toEqual(['lookup', 'kernel parameter ipa-ntp-server']);
    expect(after.warnings).toEqual([
      'tls_min_version = "0.9" (lookup) is not allowed: expected one of 1.2, 1.3; "1.2" (default) stays',
      'advertise_port = "true" (lookup) is not allowed: expected an integer from 0 to 65535; "9999" (default) stays',
      'colour (lookup) is not an option and is ignored',
    ]);
    expect([before.config.md5Enabled, Object.isFrozen(after.config)]).toEqual([true, true]);
  });
});
