import { expect, it } from 'vitest';
import { redact } from '../../../src/core/index.ts';

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
