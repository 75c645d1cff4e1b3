import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';
import { commandsPage } from '../../../build/docs/commands.ts';
import { declaredErrors, errorFlaws, errorsPage } from '../../../build/docs/errors.ts';
import { staleFiles, table, writePages } from '../../../build/docs/index.ts';
import { optionsPage, samplePage } from '../../../build/docs/options.ts';
import { propertiesOf, schemaText } from '../../../build/docs/schema-text.ts';
import { stepsPage } from '../../../build/docs/steps.ts';
import { toolsPage } from '../../../build/docs/tools.ts';
import { optionList, resolveConfig } from '../../../src/config/index.ts';
import { defineCommand, defineError, defineStep, NotFound } from '../../../src/core/index.ts';
import { defineTool } from '../../../src/system/index.ts';

describe('tables', () => {
  it('keep their shape whatever the cells hold', () => {
    expect(table(['a', 'b'], [['x|y', 'one\n  two']])).toBe('| a | b |\n|---|---|\n| x\\|y | one two |');
    expect(table(['a', 'b'], [['x', '']])).toBe('| a |\n|---|\n| x |');
    expect(table(['a'], [])).toBe('None.');
  });
});

describe('schemas in words', () => {
  it.each([
    [Type.String(), 'string'],
    [Type.Integer({ minimum: 1, maximum: 9 }), 'integer from 1 to 9'],
    [Type.Integer({ minimum: 0 }), 'integer of at least 0'],
    [Type.Union([Type.String(), Type.Null()]), 'string or null'],
    [Type.Enum(['a', 'b']), '"a" or "b"'],
    [Type.Array(Type.Boolean()), 'list of boolean'],
    [Type.Unknown(), 'any value'],
    [Type.Literal('x'), '"x"'],
    [Type.Record(Type.String(), Type.Unknown()), 'object'],
  ])('%#', (schema, words) => {
    expect(schemaText(schema)).toBe(words);
  });

  it('lists properties with need, default and meaning', () => {
    const schema = Type.Object({
      id: Type.String({ description: 'The id.' }),
      hard: Type.Optional(Type.Boolean({ default: false })),
    });
    expect(propertiesOf(schema)).toEqual([
      { name: 'id', required: true, type: 'string', doc: 'The id.', fallback: '' },
      { name: 'hard', required: false, type: 'boolean', doc: '', fallback: 'false' },
    ]);
  });
});

describe('errors', () => {
  const declared = (type: string, doc: string, status = 500) => ({
    file: `src/image/${doc.length}.ts`,
    name: 'X',
    value: defineError(type, { status, message: 'm', doc }),
  });

  it('need a doc, and one wire type has one look', () => {
    expect(errorFlaws([declared('A', ' ')])).toEqual(['src/image/1.ts: X has no doc']);
    expect(errorFlaws([declared('A', 'x'), declared('A', 'yy')])).toEqual([]);
    expect(errorFlaws([declared('A', 'x'), declared('A', 'yy', 404)])).toEqual([
      'A has different codes or messages in src/image/1.ts and src/image/2.ts',
    ]);
  });

  it('are found in every room', async () => {
    const errors = await declaredErrors();
    const types = errors.map(({ value }) => value.type);
    for (const type of ['InvalidCommandError', 'InvalidOption', 'ToolFailed']) expect(types).toContain(type);
    expect(errorsPage(errors).text).toContain('| `AgentIsBusy` | 409 | Agent is busy |');
  });
});

describe('pages', () => {
  it('the options page has every option', () => {
    const { text } = optionsPage();
    for (const [, { name, kernel, flag }] of optionList) {
      expect(text).toContain(`${name}\` |`);
      expect(text).toContain(`\`--${flag}\``);
      if (kernel !== undefined) expect(text).toContain(`\`${kernel}\``);
    }
  });

  it('the sample file holds the defaults: without its # signs it changes nothing', () => {
    const { text } = samplePage();
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    const uncommented = text.replace(/^#(?=[a-z0-9_]+ =)/gm, '');
    const of = (content: string) =>
      resolveConfig({
        files: [{ path: '/sample', text: content }],
        env: {},
        flags: [],
        kernel: '',
        facts: { ipv6Enabled: true },
      });
    expect(of(uncommented).config).toEqual(of('').config);
    expect(Object.values(of(uncommented).origins).filter((origin) => origin === 'default')).toEqual([]);
  });

  it('commands show parameters, result and errors', () => {
    const command = defineCommand({
      name: 'demo.run',
      kind: 'async',
      doc: 'Run a demonstration.',
      result: 'null',
      params: Type.Object({ count: Type.Integer({ description: 'How often.' }) }),
      throws: [NotFound],
      run: () => Promise.resolve(null),
    });
    expect(commandsPage([command]).text).toContain(
      '## demo\n\n### demo.run\n\nRun a demonstration.\n\nAnswers RUNNING at once; the result is fetched later. Result: null.\n\n' +
        '| Parameter | Type | Required | Meaning |\n|---|---|---|---|\n| `count` | integer | yes | How often. |\n\nErrors: `NotFound`.\n',
    );
    expect(commandsPage([]).text).toContain('\n\nNone.\n');
  });

  it('steps show where they are offered', () => {
    const step = defineStep({
      name: 'demo_step',
      interface: 'deploy',
      doc: 'Show a step.',
      in: { clean: { priority: 99 }, deploy: { priority: 0 } },
      argsinfo: { size: { description: 'How much.', required: false } },
      args: Type.Object({}),
      throws: [],
      run: () => Promise.resolve(null),
    });
    expect(stepsPage([step]).text).toContain(
      '## Interface deploy\n\n### demo_step\n\nShow a step.\n\nOffered in: clean (priority 99), deploy (only on request). Cannot be aborted.\n\n' +
        '| Argument | Required | Meaning |\n|---|---|---|\n| `size` | no | How much. |\n',
    );
  });

  it('programs stand under their package', () => {
    const value = defineTool<unknown, unknown>({
      bin: 'nvme',
      packages: { debian: 'nvme-cli', redhat: 'nvme' },
      effect: 'destroys',
      timeoutMs: 1500,
      argv: () => [],
      parse: () => null,
    });
    expect(toolsPage([{ file: 'f', name: 'nvmeFormat', value }]).text).toContain(
      '## nvme-cli (Red Hat: nvme)\n\n| Program | Call | Effect | Time limit |\n|---|---|---|---|\n| `nvme` | `nvmeFormat` | destroys | 1.5 s |\n',
    );
  });
});

describe('freshness', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reference-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('names missing, changed and left-over files', () => {
    const pages = [
      { file: 'a.md', text: 'a' },
      { file: 'b.md', text: 'b' },
    ];
    rmSync(folder, { recursive: true });
    expect(staleFiles(folder, pages)).toEqual(['a.md', 'b.md']);
    writePages(folder, pages);
    expect(staleFiles(folder, pages)).toEqual([]);
    writeFileSync(join(folder, 'a.md'), 'changed');
    writeFileSync(join(folder, 'old.md'), '');
    expect(staleFiles(folder, pages)).toEqual(['a.md', 'old.md']);
  });
});
