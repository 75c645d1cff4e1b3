import { expect, it } from 'vitest';
import { redact, redactText } from '../../../src/core/index.ts';

it('files for the deployed system are bulk: in a step, and in the properties of a node', () => {
  const file = { path: '/etc/key', mode: 384, content: 'c2VjcmV0' };
  expect(redact({ step: 'inject_files', args: { files: [file] } })).toEqual({
    step: 'inject_files',
    args: { files: [{ path: '/etc/key', mode: 384, content: '<...>' }] },
  });
  expect(redact({ properties: { cpus: 4, inject_files: [file] } })).toEqual({
    properties: { cpus: 4, inject_files: '<...>' },
  });
});

it.each(['a-', 'a:', 'http://', 'x://', 'http://a', 'http://@', 'token=', 'Basic ', 'a://b@'])(
  'a text of nothing but %j takes no long time',
  (part) => {
    const started = performance.now();
    redactText(part.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  },
);

it.each([
  ['http://h/p?secret', 'http://h/p?******'],
  ['http://h/p#f?secret', 'http://h/p#f?******'],
  ['http://h?, https://i/?a=b "http://j?c"', 'http://h?****** https://i/?****** "http://j?******"'],
  ['http://h/p#f http://h?', 'http://h/p#f http://h?'],
  [`${'a'.repeat(50)}://u:p@h`, `${'a'.repeat(50)}://******@h`],
])('queries and credentials in %j', (text, shown) => {
  expect(redactText(text)).toBe(shown);
});

it.each([
  ['http://user:pass@host/x', 'http://******@host/x'],
  ['http://user:pa@ss@host/', 'http://******@host/'],
  ['a http://u:p@@h:80, http://v:q@i/ b@c', 'a http://******@h:80, http://******@i/ b@c'],
  [`http://user:it's"my\`p@@ss@host/`, 'http://******@host/'],
  ['"http://u:p@h","mail":"me@host"', '"http://******@h","mail":"me@host"'],
  ['http://host/@x and http://h/x?@x', 'http://host/@x and http://h/x?******'],
  ['http://host, me@host', 'http://host, me@host'],
])('credentials in %j end at the last @ before the path', (text, shown) => {
  expect(redactText(text)).toBe(shown);
});
