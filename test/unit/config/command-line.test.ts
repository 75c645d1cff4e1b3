import { describe, expect, it } from 'vitest';
import { negatedFlag, optionList, parseCommandLine, textOf } from '../../../src/config/index.ts';
import { problemsOf, resolve } from './given.ts';

const face = {
  program: 'ironic-node-agent',
  commands: [
    { name: 'agent', doc: 'Run the agent.' },
    { name: 'config', doc: 'Print the configuration.' },
  ],
  switches: [
    { name: 'help', doc: 'Print this text.' },
    { name: 'json', doc: 'Print JSON.' },
  ],
};
const parse = (...argv: string[]) => parseCommandLine(argv, face);
const configOf = (...argv: string[]) => resolve({ flags: parse(...argv).settings }).config;

describe('the command line', () => {
  it('reads commands, switches, files and options in any order', () => {
    const line = parse('--config-dir', '/d', 'config', '--json', '--config-file', '/a', '--config-file=/b', '-h', '-d');
    expect(line.command).toBe('config');
    expect(line.configPaths.map(({ kind, path }) => `${kind} ${path}`)).toEqual(['dir /d', 'file /a', 'file /b']);
    expect([...line.switches]).toEqual(['json', 'help']);
    expect(line.settings).toEqual([{ key: 'debug', raw: 'true', flag: '-d' }]);
    expect(parse().command).toBe('agent');
  });

  it.each<[string[], Record<string, unknown>]>([
    [['--api_url', 'http://a/,http://b/'], { apiUrl: ['http://a/', 'http://b/'] }],
    [['--listen_port=1', '--listen_port=2'], { listenPort: 2 }],
    [['--insecure'], { insecure: true }],
    [['--insecure=false'], { insecure: false }],
    [['--insecure', '--noinsecure'], { insecure: false }],
    [['--noenable_auto_tls'], { enableAutoTls: false }],
    [['--mdns-use_mdns'], { mdnsUseMdns: true }],
    [['--mdns-nouse_mdns'], { mdnsUseMdns: false }],
    [['--disk_utils-efi_system_partition_size', '600'], { diskUtilsEfiSystemPartitionSize: 600 }],
    [['--noguard-special-filesystems'], { guardSpecialFilesystems: false }],
    [['--log-file', 'x.log', '--use-json'], { logFile: 'x.log', useJson: true }],
    [['--container-run_options=--rm,-x'], { containerRunOptions: ['--rm', '-x'] }],
  ])('%j', (argv, expected) => {
    expect(configOf(...argv)).toMatchObject(expected);
  });

  it.each<[string[], string[]]>([
    [['--api-url', 'http://a/'], ['--api-url is not an option; did you mean --api_url?']],
    [
      ['--listen_prot', '1', '--nodebg'],
      [
        '--listen_prot is not an option; did you mean --listen_port?',
        '--nodebg is not an option; did you mean --nodebug?',
      ],
    ],
    [['--listen_p', '1'], ['--listen_p is not an option; did you mean --listen_port?']],
    [['--qqqqqqqq'], ['--qqqqqqqq is not an option']],
    [['-x'], ['-x is not an option']],
    [['--listen_port'], ['--listen_port needs a value']],
    [['--listen_host', '--debug'], ['--listen_host needs a value; to give it this one write --listen_host=--debug']],
    [['--json=1'], ['--json takes no value']],
    [['confg'], ['confg is not a command; did you mean config?']],
    [['config', 'more'], ['unexpected argument "more" after config']],
  ])('%j is refused', (argv, expected) => {
    const lines = problemsOf(() => parse(...argv));
    expect(lines.map((line) => line.replace(' (see ironic-node-agent --help)', ''))).toEqual(expected);
  });

  it.each(optionList)('%s can be set by its flag', (key, option) => {
    if (option.kind.bare === true) {
      expect(configOf(`--${option.flag}`)[key]).toBe(true);
      expect(configOf(`--${negatedFlag(option)}`)[key]).toBe(false);
    } else expect(configOf(`--${option.flag}=${textOf(option.default)}`)[key]).toEqual(option.default);
  });
});
