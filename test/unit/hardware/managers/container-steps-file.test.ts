import { describe, expect, it } from 'vitest';
import { managerMethods, readStepsFile } from '../../../../src/hardware/index.ts';
import { ironicKit } from '../../../kit/ironic-ports.ts';
import { type Entry, memoryFiles } from '../../../kit/memory-files.ts';

const PATH = '/etc/ironic-python-agent.d/mysteps.yaml';
const ENTRY = `
  - name: manage_container_cleanup
    image: docker://172.24.4.1:5000/cleaning-image:latest
    interface: deploy
    reboot_requested: true
    pull_options:
      - --tls-verify=false
    run_options:
      - --rm
      - --network=host --privileged
    abortable: true
    priority: 20
`;
/** An entry with one line in the place of the one with the same key, or without it. */
const changed = (key: string, line: string | null) => {
  const lines = [
    'name: one',
    'image: quay.io/a',
    'interface: deploy',
    'priority: 1',
    'reboot_requested: false',
    'abortable: false',
  ];
  const kept = lines.filter((one) => !one.startsWith(`${key}:`));
  return `steps:\n  - ${[...kept, ...(line === null ? [] : [line])].join('\n    ')}\n`;
};
async function read(content: Entry | null, reserved: readonly string[] = []) {
  const { ports, lines } = ironicKit();
  const files = memoryFiles(content === null ? {} : { [PATH]: content });
  const steps = await readStepsFile({ files, log: ports.log }, PATH, reserved);
  return { steps, lines };
}
const refusal = (content: Entry | null, reserved: readonly string[] = []) =>
  read(content, reserved).then(
    () => expect.fail('it was taken'),
    (error: unknown) => error,
  );
const configurationError = (details: string | RegExp) => ({
  type: 'HardwareManagerConfigurationError',
  details: typeof details === 'string' ? details : expect.stringMatching(details),
});

describe('the file of container steps (steps.md 7.1)', () => {
  it('is read whole', async () => {
    expect((await read(`steps:${ENTRY}`)).steps).toEqual([
      {
        name: 'manage_container_cleanup',
        image: 'docker://172.24.4.1:5000/cleaning-image:latest',
        interface: 'deploy',
        reboot_requested: true,
        pull_options: ['--tls-verify=false'],
        run_options: ['--rm', '--network=host --privileged'],
        abortable: true,
        priority: 20,
      },
    ]);
  });

  it('may be absent or empty of steps', async () => {
    expect((await read(null)).steps).toEqual([]);
    expect((await read('steps: []')).steps).toEqual([]);
  });

  it.each([
    ['reboot_requested: yes', { reboot_requested: true }],
    ['reboot_requested: Off', { reboot_requested: false }],
    ['abortable: True', { abortable: true }],
    ['priority: 0x10', { priority: 16 }],
    ['pull_options:', { pull_options: null }],
    ['run_options: --rm --network=host', { run_options: '--rm --network=host' }],
    ['name: "quoted: name"', { name: 'quoted: name' }],
  ])('has YAML as the reference reads it: %s', async (line, fields) => {
    const key = line.slice(0, line.indexOf(':'));
    expect((await read(changed(key, line))).steps[0]).toMatchObject(fields);
  });

  it('has merges and references, as people write them', async () => {
    const text = `
base: &base {image: quay.io/a, interface: deploy, priority: 0, reboot_requested: no, abortable: yes, pull_options: &o [--q]}
steps:
  - <<: *base
    name: one
  - {<<: *base, name: two, run_options: *o}
`;
    const { steps } = await read(text);
    expect(steps.map(({ name, image, run_options }) => [name, image, run_options])).toEqual([
      ['one', 'quay.io/a', undefined],
      ['two', 'quay.io/a', ['--q']],
    ]);
  });

  it.each([
    ['an empty file', '', /is not (YAML|a mapping)/],
    ['only a comment', '# nothing\n', /is not (YAML|a mapping)/],
    ['a list', '- a\n- b\n', `${PATH} is not a mapping with the key "steps"`],
    ['a text', 'steps', `${PATH} is not a mapping with the key "steps"`],
    ['null', '~', `${PATH} is not a mapping with the key "steps"`],
    ['other keys', 'step: []', `${PATH}: "steps" is missing or not a list`],
    ['steps null', 'steps:', `${PATH}: "steps" is missing or not a list`],
    ['steps a mapping', 'steps: {a: 1}', `${PATH}: "steps" is missing or not a list`],
    ['steps a text', 'steps: many', `${PATH}: "steps" is missing or not a list`],
    ['an entry that is text', 'steps: [one]', /: step 1: value must be object/],
    ['an entry that is null', 'steps: [~]', /: step 1: value must be object/],
    ['a broken bracket', 'steps: [a, b', /is not YAML: line \d+: /],
    ['a tabulator', 'steps:\n\t- a', /is not YAML: line 2: /],
    ['an unknown reference', 'steps: [*nobody]', /is not YAML: line 1: /],
    ['two documents', 'steps: []\n---\nsteps: []\n', /is not YAML: /],
    ['a key twice', 'steps: []\nsteps: []\n', /is not YAML: line 2: /],
    ['a tag of Python', 'steps: !!python/object/apply:os.system [reboot]', /is not YAML: line 1: /],
    ['a function', 'steps: !!js/function "x"', /is not YAML: line 1: /],
  ])('%s is refused', async (_what, text, details) => {
    expect(await refusal(text)).toMatchObject(configurationError(details));
  });

  it.each([
    ['name', null, 'must have required properties name'],
    ['image', null, 'must have required properties image'],
    ['interface', null, 'must have required properties interface'],
    ['priority', null, 'must have required properties priority'],
    ['reboot_requested', null, 'must have required properties reboot_requested'],
    ['abortable', null, 'must have required properties abortable'],
    ['name', 'name: 12', '/name must be string'],
    ['name', 'name: ""', '/name must not have fewer than 1 characters'],
    ['image', 'image: [a]', '/image must be string'],
    ['image', 'image: --privileged', 'image "--privileged" is not the name of an image'],
    ['image', 'image: a b', 'image "a b" is not the name of an image'],
    ['interface', 'interface:', '/interface must be string'],
    ['priority', 'priority: "10"', '/priority must be integer'],
    ['priority', 'priority: 1.5', '/priority must be integer'],
    ['priority', 'priority: .inf', '/priority must be integer'],
    ['priority', 'priority:', '/priority must be integer'],
    ['reboot_requested', 'reboot_requested: "yes"', '/reboot_requested must be boolean'],
    ['abortable', 'abortable: 1', '/abortable must be boolean'],
    ['run_options', 'run_options: 7', '/run_options must'],
    ['run_options', 'run_options: [[--rm]]', '/run_options must'],
    ['pull_options', 'pull_options: {a: b}', '/pull_options must'],
  ])('an entry with %s as %j is refused by name and place', async (key, line, why) => {
    const error = await refusal(changed(key, line));
    expect(error).toMatchObject(configurationError(/mysteps\.yaml: step 1/));
    expect(String(error)).toContain(why);
    if (key !== 'name') expect(String(error)).toContain('step 1 (one)');
  });

  it('a name of another step or of a method of managers is refused, and one that comes twice', async () => {
    expect(managerMethods).toHaveLength(32);
    for (const name of ['write_image', 'get_clean_steps']) {
      const error = await refusal(changed('name', `name: ${name}`), ['write_image', ...managerMethods]);
      expect(error).toMatchObject(configurationError(new RegExp(`step 1 \\(${name}\\): the name is taken`)));
    }
    const twice =
      changed('name', 'name: one').replace('steps:\n', '') + changed('name', 'name: one').replace('steps:\n', '');
    expect(await refusal(`steps:\n${twice}`)).toMatchObject(configurationError(/step 2 \(one\): the name is taken/));
  });

  it('one mistake refuses all: no step of half a file runs', async () => {
    expect(await refusal(`steps:${ENTRY}  - name: half\n`)).toMatchObject(configurationError(/step 2 \(half\)/));
  });

  it('unknown keys and interfaces are said and let be', async () => {
    const { lines, steps } = await read(changed('interface', 'interface: storage\n    run_option: x'));
    expect(steps).toHaveLength(1);
    expect(lines.join('\n')).toMatch(/containers\.file\.unknown_keys.*run_option/);
    expect(lines.join('\n')).toMatch(/containers\.file\.interface.*storage/);
  });

  it('never shows what the file says, for it may hold passwords', async () => {
    const error = await refusal('steps:\n  - run_options: [--creds=a:hunter2-hunter2\n');
    expect(String(error)).not.toContain('hunter2');
  });
});

describe('files that are made to hurt', () => {
  const bomb = () => {
    const levels = Array.from({ length: 12 }, (_none, at) => {
      const refs = Array.from({ length: 9 }, () => (at === 0 ? 'lol' : `*l${at - 1}`)).join(', ');
      return `l${at}: &l${at} [${refs}]`;
    });
    return `${levels.join('\n')}\nsteps: *l11\n`;
  };

  it('references to references do not unfold: what is no step is refused at once', async () => {
    const began = performance.now();
    expect(await refusal(bomb())).toMatchObject(configurationError(/step 1/));
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it.each([
    ['very many references', `a: &a [x]\nsteps: [${'*a, '.repeat(2000)}]`],
    ['very deep nesting', `steps: ${'['.repeat(5000)}${']'.repeat(5000)}`],
    [
      'merges of merges',
      `a: &a {${Array.from({ length: 500 }, (_n, at) => `k${at}: 1`).join(', ')}}\nsteps:\n  - <<: [${'*a, '.repeat(500)}]`,
    ],
    ['one reference to itself', 'steps: &s [*s]'],
    ['a merge with itself', 'steps:\n  - &e\n    <<: *e\n'],
    ['a file of half a megabyte', `steps: []\n# ${'x'.repeat(512 * 1024)}`],
    [
      'a prototype',
      'steps:\n  - __proto__: {name: a, image: b, interface: deploy, priority: 1, reboot_requested: no, abortable: no}',
    ],
    ['bytes that are no text', { base64: Buffer.from([0x73, 0xff, 0xfe, 0x00]).toString('base64') }],
    ['a folder', { kind: 'dir' } as const],
    ['a pipe', { kind: 'other' } as const],
    ['a device', { kind: 'char' } as const],
  ])('%s is refused quickly', async (_what, content) => {
    const began = performance.now();
    expect(await refusal(content)).toMatchObject(configurationError(/./));
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
