import { describe, expect, it } from 'vitest';
import { hiddenInOptions, secretsInOptions } from '../../../../src/core/index.ts';
import {
  type ContainerSettings,
  ignoresOptions,
  orderOfArguments,
  orderOfFile,
  type WantedContainer,
  wordsOf,
} from '../../../../src/hardware/index.ts';
import { testContainers } from '../../../kit/agent-ports.ts';

const CONFIGURED = { pullOptions: ['--tls-verify=false'], runOptions: ['--rm', '--network=host'] };
const settings = (more: Partial<ContainerSettings> = {}): ContainerSettings => ({
  ...testContainers,
  ...CONFIGURED,
  ...more,
});
const PINNED = `quay.io/a/b@sha256:${'0123456789abcdef'.repeat(4)}`;
const errorOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return expect.fail('nothing was thrown');
};

describe('who may run which container with which options (steps.md 7.1)', () => {
  it.each<[string, WantedContainer, { pullOptions: readonly string[]; runOptions: readonly string[] }]>([
    ['the configured ones without own', { image: 'quay.io/a/b' }, CONFIGURED],
    ['null is nothing', { image: 'quay.io/a/b', pullOptions: null, runOptions: null }, CONFIGURED],
    [
      'its own, each for itself',
      { image: 'quay.io/a/b', runOptions: '--privileged  -v /dev:/dev' },
      { pullOptions: CONFIGURED.pullOptions, runOptions: ['--privileged', '-v', '/dev:/dev'] },
    ],
    [
      'an empty list is one',
      { image: 'quay.io/a/b', pullOptions: [], runOptions: ['--rm -i', '--init'] },
      { pullOptions: [], runOptions: ['--rm', '-i', '--init'] },
    ],
  ])('the file, and arguments when any container is allowed: %s', (_what, wanted, options) => {
    expect(orderOfFile(wanted, settings())).toEqual({ image: wanted.image, ...options });
    expect(orderOfArguments(wanted, settings({ allowArbitrary: true }))).toEqual({ image: wanted.image, ...options });
  });

  it.each([
    ['quay.io/a/b', 'quay.io/a/b'],
    ['docker://quay.io/a/b', 'quay.io/a/b'],
    ['quay.io/a/b', 'docker://quay.io/a/b'],
    ['oci://quay.io/a/b', 'docker://quay.io/a/b'],
    ['oci://quay.io/a/b', 'oci://quay.io/a/b'],
    [PINNED, `oci://${PINNED}`],
    ['dir:/srv/image', 'dir:/srv/image'],
  ])('%s is what the list calls %s; options of the arguments are ignored', (image, listed) => {
    const wanted = { image, pullOptions: '--creds=a:b', runOptions: ['--privileged'] };
    const allowed = ['other', listed];
    expect(orderOfArguments(wanted, settings({ allowed }))).toEqual({ image, ...CONFIGURED });
    expect(ignoresOptions(wanted, settings({ allowed }))).toBe(true);
    expect(ignoresOptions({ image, pullOptions: null }, settings({ allowed }))).toBe(false);
    expect(ignoresOptions(wanted, settings({ allowArbitrary: true }))).toBe(false);
  });

  it.each([
    ['nothing is allowed', 'quay.io/a/b', []],
    ['another name', 'quay.io/a/b', ['quay.io/a/c']],
    ['a longer name', 'quay.io/a/b:1', ['quay.io/a/b']],
    ['a shorter name', 'quay.io/a', ['quay.io/a/b']],
    ['another spelling', 'Quay.io/a/b', ['quay.io/a/b']],
    ['a digest where there is none', PINNED, ['quay.io/a/b']],
    ['a pattern is no name', 'quay.io/a/b', ['quay.io/a/*', '*', '']],
    ['another transport', 'docker-archive:quay.io/a/b', ['quay.io/a/b']],
    ['the transport twice', 'docker://docker://quay.io/a/b', ['quay.io/a/b']],
    ['a folder', 'oci:quay.io/a/b', ['quay.io/a/b']],
    ['https', 'https://quay.io/a/b', ['quay.io/a/b']],
  ])('%s: refused, with image and both settings', (_why, image, allowed) => {
    expect(errorOf(() => orderOfArguments({ image }, settings({ allowed })))).toMatchObject({
      type: 'ContainerNotPermittedError',
      details: `${image} is not in [container]allowed_containers, and [container]allow_arbitrary_containers is false`,
    });
  });

  it.each(['', ' ', '--privileged', '-v', 'a b', 'a\nb', ' quay.io/a', '\u0000x y'])(
    '%j is no name of an image, whatever is allowed',
    (image) => {
      for (const more of [{ allowArbitrary: true }, { allowed: [image] }])
        expect(errorOf(() => orderOfArguments({ image }, settings(more)))).toMatchObject({
          type: 'InvalidCommandParamsError',
        });
    },
  );

  it('wants a digest where the operator does, also of the file', () => {
    const strict = settings({ requireDigest: true, allowArbitrary: true });
    for (const order of [orderOfFile, orderOfArguments]) {
      expect(order({ image: PINNED }, strict).image).toBe(PINNED);
      for (const image of ['quay.io/a/b', 'quay.io/a/b:1', `${PINNED}0`, 'quay.io/a@sha256:12'])
        expect(errorOf(() => order({ image }, strict))).toMatchObject({ type: 'ContainerNotPermittedError' });
    }
  });
});

it('a list of words and one text give the same arguments', () => {
  expect(wordsOf(' --rm\t--network=host\n')).toEqual(['--rm', '--network=host']);
  expect(wordsOf(['--rm --network=host', ' ', '-i'])).toEqual(['--rm', '--network=host', '-i']);
  expect(wordsOf([])).toEqual([]);
});

it.each([
  ['--creds=user:pass-word', ['user:pass-word', 'pass-word']],
  ['--creds user:pass-word --rm', ['user:pass-word', 'pass-word']],
  ['--decryption-key=/k:phrase', ['/k:phrase']],
  ['-e DB_PASSWORD=hunter2-hunter2', ['hunter2-hunter2']],
  ['--env=API_KEY=abc --env HOME=/root', ['abc', '/root']],
  ['-eDSN=postgres://u:p@h --env=LICENCE=a=b', ['postgres://u:p@h', 'a=b']],
  ['-e=ONE=first-one -ite TWO=second-two -iteTHREE=third', ['first-one', 'second-two', 'third']],
  ['-e HOME -e EMPTY= -eHOME --env-file=/e=f --entrypoint=/a=b -v/e=1:/e', []],
  ['--rm --network=host -v /dev:/dev', []],
  ['-e', []],
])('values to hide in %j are %j', (text, secrets) => {
  expect(hiddenInOptions(wordsOf(text))).toEqual(secrets);
});

it('only what is a secret by its name is hidden everywhere: steps and devices must stay what they are', () => {
  const options = '--rm -e DISK=/dev/sda -eSTEP=erase_devices_metadata --env=PROFILE=management --creds=a:bcd -e ';
  const secret = '-e AWS_SECRET_ACCESS_KEY=k1 -eMYSQL_PWD=p2 --env=REDIS_AUTH=a3 -e DB_PASSWORD=p4 -e API_TOKEN=t5';
  expect(secretsInOptions(wordsOf(`${options}X=y ${secret}`))).toEqual(['a:bcd', 'bcd', 'k1', 'p2', 'a3', 'p4', 't5']);
});
