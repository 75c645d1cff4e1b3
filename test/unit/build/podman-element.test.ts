import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/index.ts';

const elements = join(import.meta.dirname, '../../../dib-elements');
const ours = join(elements, 'ironic-node-agent-podman');
const main = join(elements, 'ironic-node-agent-ramdisk');
let root: string;
let data: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'podman-element-'));
  data = join(root, 'data');
  mkdirSync(data);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const configure = (env: Readonly<Record<string, string>>) => {
  const ended = spawnSync(join(ours, 'agent-ramdisk/configure-podman'), [root, data], {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  });
  expect([ended.status, ended.stderr]).toEqual([0, '']);
};
const inRoot = (path: string) => readFileSync(join(root, path), 'utf8');
const AGENT = '/etc/ironic-python-agent.d/20-ramdisk-containers.conf';

describe('the element that brings podman', () => {
  it('hands the variables of the reference to the agent', () => {
    const steps = '/etc/ironic-python-agent.d/site.yaml';
    writeFileSync(join(data, 'steps.yaml'), 'steps: []\n');
    configure({
      DIB_ALLOW_ARBITRARY_CONTAINERS: 'true',
      DIB_ALLOWED_CONTAINERS: 'quay.io/a/b,docker://quay.io/c',
      DIB_CONTAINER_STEPS_FILE: steps,
      DIB_RUNNER: 'podman',
      DIB_PULL_OPTIONS: '--tls-verify=false',
      DIB_RUN_OPTIONS: '--rm --network=host --tls-verify=false',
    });
    const { config, warnings } = resolveConfig({
      files: [{ path: AGENT, text: inRoot(AGENT) }],
      facts: { ipv6Enabled: true },
      env: {},
      flags: [],
      kernel: '',
    });
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      containerAllowArbitraryContainers: true,
      containerAllowedContainers: ['quay.io/a/b', 'docker://quay.io/c'],
      containerContainerStepsFile: steps,
      containerRunner: 'podman',
      containerPullOptions: ['--tls-verify=false'],
      containerRunOptions: ['--rm --network=host --tls-verify=false'],
    });
    expect(inRoot(steps)).toBe('steps: []\n');
    expect(inRoot('etc/containers/containers.conf.d/01-ramdisk.conf')).toBe('[engine]\nno_pivot_root = true\n');
  });

  it('sets nothing where nothing is set', () => {
    configure({});
    expect(inRoot(AGENT)).toBe('[container]\n');
    expect(existsSync(join(root, 'etc/ironic-python-agent.d/mysteps.yaml'))).toBe(false);
  });

  it('puts the steps where the agent looks for them by itself', () => {
    writeFileSync(join(data, 'steps.yaml'), 'steps: []\n');
    configure({});
    expect(inRoot('etc/ironic-python-agent.d/mysteps.yaml')).toBe('steps: []\n');
  });

  it('keeps what the ramdisk would prune and podman needs', () => {
    const list = (path: string) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
    const unneeded = list(join(main, 'agent-ramdisk/unneeded-packages.txt'));
    expect(unneeded).toEqual(expect.arrayContaining([...list(join(ours, 'agent-ramdisk/kept-packages.txt'))]));
  });

  it('is called by hooks that may be executed', () => {
    for (const path of [
      'extra-data.d/51-ironic-node-agent-podman',
      'post-install.d/59-ironic-node-agent-podman',
      'agent-ramdisk/checks/podman',
    ])
      expect(statSync(join(ours, path)).mode & 0o111, path).toBe(0o111);
  });
});

/** A root of nothing but an agent that starts. */
function rootWithAgent(): void {
  mkdirSync(join(root, 'lib/modules/1/kernel'), { recursive: true });
  for (const name of ['modules.dep', 'modules.builtin']) writeFileSync(join(root, 'lib/modules/1', name), '');
  for (const name of ['commands.txt', 'modules.txt']) writeFileSync(join(data, name), '');
  const bin = join(root, 'bin');
  mkdirSync(bin);
  // chroot needs root and programs inside; this one only says that it was asked.
  writeFileSync(join(bin, 'chroot'), '#!/bin/sh\necho 12.1.0\n');
  chmodSync(join(bin, 'chroot'), 0o755);
}

it.each([
  ['exit 0', 0, ''],
  ['exit 3', 1, 'check-root: podman does not work inside the root\n'],
])('the check of a further element that says %s decides over the ramdisk', (script, status, said) => {
  rootWithAgent();
  mkdirSync(join(data, 'checks'));
  writeFileSync(join(data, 'checks/podman'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(data, 'checks/podman'), 0o755);
  const ended = spawnSync(join(main, 'agent-ramdisk/check-root'), [root, data], {
    env: { PATH: `${join(root, 'bin')}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  expect([ended.status, ended.stderr]).toEqual([status, said]);
});
