import { describe, expect, it } from 'vitest';
import { faceOf } from '../../../src/api/cli/index.ts';
import { parseCommandLine, renderHelp } from '../../../src/config/index.ts';

describe('the name the program is called by', () => {
  it.each([
    ['ironic-node-agent', 'ironic-node-agent', 'agent'],
    ['/usr/bin/ironic-node-agent', 'ironic-node-agent', 'agent'],
    ['ironic-python-agent', 'ironic-python-agent', 'agent'],
    ['/usr/local/bin/ironic-python-agent', 'ironic-python-agent', 'agent'],
    ['./ironic-collect-introspection-data', 'ironic-collect-introspection-data', 'inspect'],
    ['/opt/ironic-python-agent/bin/agent', 'ironic-node-agent', 'agent'],
    ['ironic-python-agent.old', 'ironic-node-agent', 'agent'],
    ['node', 'ironic-node-agent', 'agent'],
    ['', 'ironic-node-agent', 'agent'],
  ])('%j is %s and runs %s', (calledAs, program, command) => {
    const face = faceOf(calledAs);
    expect(face.program).toBe(program);
    expect(parseCommandLine([], face).command).toBe(command);
  });

  it("takes ironic-python-agent's command line", () => {
    const argv = '--config-dir /etc/ironic-python-agent.d/ --config-file /etc/a.conf --debug --nolisten_tls';
    const line = parseCommandLine(
      [...argv.split(' '), '--api_url=http://h:6385', '--mdns-use_mdns', '--log-file', '/var/log/a.log'],
      faceOf('ironic-python-agent'),
    );
    expect(line).toMatchObject({
      command: 'agent',
      configPaths: [
        { kind: 'dir', path: '/etc/ironic-python-agent.d/' },
        { kind: 'file', path: '/etc/a.conf' },
      ],
    });
    expect(line.settings.map(({ key, raw }) => `${key}=${raw}`)).toEqual([
      'debug=true',
      'listenTls=false',
      'apiUrl=http://h:6385',
      'mdnsUseMdns=true',
      'logFile=/var/log/a.log',
    ]);
    expect(parseCommandLine(['--version'], faceOf('ironic-python-agent')).switches).toContain('version');
  });

  it.each([
    ['ironic-python-agent', ['agent'], 'unexpected argument "agent": ironic-python-agent takes only options'],
    [
      'ironic-collect-introspection-data',
      ['--debug', 'now'],
      'unexpected argument "now": ironic-collect-introspection-data takes only options',
    ],
    ['ironic-python-agent', ['--api-url', 'x'], '--api-url is not an option; did you mean --api_url?'],
  ])('%s %j is refused', (name, argv, why) => {
    expect(() => parseCommandLine(argv, faceOf(name))).toThrow(why);
  });

  it('stands in its help, which offers no command that the name has chosen', () => {
    expect(renderHelp(faceOf('ironic-collect-introspection-data'))).toMatch(
      /^Usage: ironic-collect-introspection-data \[options\]\n\nInspect this machine/,
    );
    expect(renderHelp(faceOf('x'))).toMatch(/^Usage: ironic-node-agent \[command\] \[options\]\n\nCommands/);
  });
});
