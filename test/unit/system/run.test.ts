import { describe, expect, it } from 'vitest';
import { MiB, silentLog } from '../../../src/core/index.ts';
import { createTools, defineTool } from '../../../src/system/index.ts';

const tools = createTools(silentLog);
const facts = {
  packages: { debian: 'dash', redhat: 'dash' },
  effect: 'reads',
  timeoutMs: 30_000,
} as const;

describe('a program', () => {
  it('runs within the memory it is given, with its environment', async () => {
    const limited = defineTool({
      ...facts,
      bin: 'sh',
      env: { FLAVOUR: 'salt' },
      memoryLimit: (i: { readonly bytes: number }) => i.bytes,
      argv: () => ['-c', 'ulimit -v; echo "$FLAVOUR $LC_ALL"'],
      parse: (out) => out.stdout.trim().split('\n'),
    });
    expect(await tools.run(limited, { bytes: 256 * MiB })).toEqual(['262144', 'salt C']);
  });

  it('is heard while it runs', async () => {
    const heard: string[] = [];
    const talking = defineTool({
      ...facts,
      bin: 'sh',
      argv: () => ['-c', 'printf one; sleep 0.3; printf two'],
      heard: (text) => heard.push(text),
      parse: (out) => out.stdout,
    });
    expect(await tools.run(talking, {})).toBe('onetwo');
    expect(heard).toEqual(['one', 'two']);
  });

  it('that is missing is named with its package', async () => {
    const absent = defineTool({ ...facts, bin: 'no-such-program', argv: () => [], parse: () => undefined });
    await expect(tools.run(absent, {})).rejects.toMatchObject({
      ...{ type: 'ToolMissing', details: expect.stringMatching(/^no-such-program is not installed/) },
      hint: 'the ramdisk needs package dash',
    });
  });
});
