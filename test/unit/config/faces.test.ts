import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optionList, renderConfig, renderHelp } from '../../../src/config/index.ts';
import { file, resolve } from './given.ts';

const token = 'correct-horse-battery-staple';
const password = 'zebra-crossing-77';

describe('the printed configuration', () => {
  it('names value and origin of each option', () => {
    const text = renderConfig(resolve({ kernel: 'ipa-listen-port=80' }));
    expect(text).toContain('# kernel parameter ipa-listen-port\nlisten_port = 80\n');
    expect(text).toContain('# default, not set\n#network_interface =\n');
    expect(text).toContain('[metrics_statsd]\n\n# default\nstatsd_host = localhost\n');
    for (const [, { name }] of optionList) expect(text).toMatch(new RegExp(`^#?${name} =`, 'm'));
  });

  it('never shows a secret, even where another option refers to it', () => {
    const resolved = resolve({
      kernel: `ipa-agent-token=${token} ipa-api-url=http://user:hunter22@host/`,
      files: [
        file(
          `[DEFAULT]\nimage_server_password=${password}\nglobal_request_id=req-$agent_token\nlog_dir=/$image_server_password`,
        ),
      ],
    });
    expect(resolved.config).toMatchObject({ agentToken: token, imageServerPassword: password, logDir: `/${password}` });
    const text = renderConfig(resolved);
    for (const secret of [token, password, 'hunter22']) expect(text).not.toContain(secret);
    expect(text).toContain('# kernel parameter ipa-agent-token, hidden\n#agent_token = ******\n');
  });

  it('never shows a secret among the options of a program, however short', () => {
    const text = renderConfig(
      resolve({
        files: [
          file(
            '[container]\npull_options=--creds=robot:S3cretPass99,--tls-verify=false\nrun_options=--rm --env API_KEY=k9,-e DB_PASSWORD=hunter2',
          ),
        ],
      }),
    );
    for (const secret of ['S3cretPass99', 'k9', 'hunter2']) expect(text).not.toContain(secret);
    expect(text).toContain('secret parts hidden\n#pull_options = --creds=******,--tls-verify=false\n');
    expect(text).toContain('secret parts hidden\n#run_options = --rm --env API_KEY=******,-e DB_PASSWORD=******\n');
    const looped = { files: [file('[container]\npull_options=--creds=a:k9 $pull_options')] };
    expect(() => resolve(looped)).toThrow(/^(?!.*k9).*--creds=\*{6} /);
    expect(renderConfig(resolve({}))).toContain('# default\nrun_options = --rm,--network=host\n');
  });

  it('may be used as a file: it gives the same configuration', () => {
    const word = fc.string().filter((text) => !/[\r\n$]/.test(text) && !/:\/\/|[?=]|basic|bearer/i.test(text));
    fc.assert(
      fc.property(
        fc.record({ logFile: word, logDir: fc.option(word), listenPort: fc.nat(65_535), insecure: fc.boolean() }),
        fc.array(fc.stringMatching(/^[a-z]{1,8}$/)),
        (values, list) => {
          const set = { ...values, containerPullOptions: list, inspectionCollectors: list.length === 0 ? null : list };
          const before = resolve({ overrides: [{ origin: 'test', values: set }] });
          const after = resolve({ files: [file(renderConfig(before))] });
          expect(after.config).toEqual(before.config);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('dollar signs survive', () => {
    const before = resolve({ overrides: [{ origin: 'test', values: { logFile: 'a$listen_port$$' } }] });
    expect(resolve({ files: [file(renderConfig(before))] }).config.logFile).toBe('a$listen_port$$');
  });
});

describe('the help text', () => {
  const text = renderHelp({
    program: 'ironic-node-agent',
    commands: [
      { name: 'agent', doc: 'Run the agent.' },
      { name: 'inventory', doc: 'Print the inventory.' },
    ],
    switches: [{ name: 'help', doc: 'Print this text.' }],
  });

  it('lists commands, switches and every flag within a hundred columns', () => {
    expect(text).toMatch(
      /^Usage: ironic-node-agent \[command\] \[options\]\n\nCommands \(default: agent\):\n {2}agent {6}Run the agent\.\n/,
    );
    expect(text).toContain('\n  -h, --help\n        Print this text.\n');
    expect(text).toContain('\n  --listen_port <value>\n');
    expect(text).toContain('\n  -d, --debug, --nodebug\n');
    for (const [, { flag }] of optionList) expect(text).toContain(`--${flag}`);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });
});
