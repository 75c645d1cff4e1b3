import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import {
  defineStep,
  IncompatibleHardwareMethod,
  type Run,
  type Step,
  type StepFacts,
  silentLog,
} from '../../../src/core/index.ts';
import type { Manager } from '../../../src/hardware/index.ts';
import { createCatalogue } from '../../../src/runtime/catalogue.ts';
import { createManagerSet } from '../../../src/runtime/managers.ts';
import { systemClock } from '../../../src/system/index.ts';
import { memoryFiles } from '../../kit/memory-files.ts';
import { recordedTools } from '../../kit/recorded-tools.ts';

const step = (name: string, facts: Partial<StepFacts>, act: () => Promise<unknown> = async () => name): Step<null> =>
  defineStep({ name, interface: 'deploy', doc: '', in: {}, throws: [], args: Type.Object({}), run: act, ...facts });
const manager = (
  className: string,
  support: number,
  steps: readonly Step<null>[],
  moreSteps: Manager<null>['moreSteps'] = async () => [],
): Manager<null> => ({
  name: className.toLowerCase(),
  className,
  version: '1.0',
  evaluate: async () => support,
  steps,
  moreSteps,
});
const ports = { tools: recordedTools([]), files: memoryFiles({}), clock: systemClock, log: silentLog };
const catalogueOf = (managers: readonly Manager<null>[]) => createCatalogue(createManagerSet(managers, ports));
const run: Run<null> = {
  ports: null,
  node: null,
  signal: new AbortController().signal,
  progress: () => undefined,
  log: silentLog,
};

describe('catalogue of steps', () => {
  it('lists each name once: support, then priority, then class name (steps.md 1.3)', async () => {
    const clean = (priority: number) => ({ in: { clean: { priority } } });
    const catalogue = catalogueOf([
      manager('Generic', 1, [step('erase', clean(10)), step('only', clean(0))]),
      manager('Beta', 2, [step('erase', clean(5)), step('tie', clean(1))]),
      manager('Alpha', 2, [step('tie', clean(1))]),
      manager('Loser', 1, [step('tie', clean(99))]),
      manager('Absent', 0, [step('erase', clean(99))]),
    ]);
    const listed = await catalogue.steps('clean', run);
    const names = Object.fromEntries(Object.entries(listed).map(([key, steps]) => [key, steps.map((s) => s.step)]));
    expect(names).toEqual({ Generic: ['only'], Beta: ['erase'], Alpha: ['tie'] });
    expect(await catalogue.steps('service', run)).toEqual({});
  });

  it('takes the priority that the operator chose, as it is at that moment', async () => {
    const both = { in: { deploy: { priority: 0 }, service: { priority: 0 } } };
    const chosen = new Map([['files', 40]]);
    const set = createManagerSet([manager('G', 1, [step('files', both), step('other', both)])], ports);
    const catalogue = createCatalogue(set, () => Object.fromEntries(chosen));
    const priorities = async (kind: 'deploy' | 'service') =>
      (await catalogue.steps(kind, run)).G?.map((s) => [s.step, s.priority]);
    expect(await priorities('deploy')).toEqual([
      ['files', 40],
      ['other', 0],
    ]);
    chosen.set('files', 7);
    expect(await priorities('service')).toEqual([
      ['files', 7],
      ['other', 0],
    ]);
    expect(await catalogue.steps('clean', run)).toEqual({});
  });

  it('tells all that conductors need; deploy steps carry no abortable (steps.md 1.2)', async () => {
    const argsinfo = { files: { description: 'Files.', required: true } };
    const facts = {
      in: { clean: { priority: 1 }, deploy: { priority: 0 } },
      abortable: true,
      argsinfo,
      rebootRequested: true,
    };
    const catalogue = catalogueOf([manager('G', 1, [step('s', facts)])]);
    const common = { step: 's', interface: 'deploy', reboot_requested: true, argsinfo };
    expect(await catalogue.steps('clean', run)).toEqual({ G: [{ ...common, priority: 1, abortable: true }] });
    expect(await catalogue.steps('deploy', run)).toEqual({ G: [{ ...common, priority: 0 }] });
  });

  it('versions name every manager of the build and must match as a whole (steps.md 1.4)', () => {
    const catalogue = catalogueOf([manager('A', 1, []), manager('B', 0, [])]);
    expect(catalogue.versions()).toEqual({ a: '1.0', b: '1.0' });
    for (const same of [null, undefined, { b: '1.0', a: '1.0' }]) catalogue.assertVersions(same);
    for (const other of [{}, { a: '1.0' }, { a: '1.0', b: '1.1' }, { a: '1.0', b: '1.0', c: '1' }, '1.0', []])
      expect(() => catalogue.assertVersions(other)).toThrow(/version mismatch/);
  });

  it('passes on to the next manager only for incompatible hardware', async () => {
    const clean = { in: { clean: { priority: 0 } } };
    const no = () => Promise.reject(IncompatibleHardwareMethod('not for this card'));
    const broken = () => Promise.reject(new Error('broken'));
    const catalogue = catalogueOf([
      manager('A', 3, [step('x', clean, no), step('y', clean, no)]),
      manager('B', 2, [step('x', clean, async () => 'from B'), step('z', clean, broken)]),
      manager('C', 1, [step('z', clean, async () => 'never')]),
    ]);
    expect(await catalogue.run('clean', 'x', {}, run)).toBe('from B');
    await expect(catalogue.run('clean', 'y', {}, run)).rejects.toThrow('Could not find method: y');
    await expect(catalogue.run('clean', 'z', {}, run)).rejects.toThrow('broken');
    await expect(catalogue.run('deploy', 'x', {}, run)).rejects.toMatchObject({
      type: 'HardwareManagerMethodNotFound',
    });
  });

  it('offers steps that a manager reads on the machine, and reads them only when they matter', async () => {
    const clean = { in: { clean: { priority: 0 } } };
    let readings = 0;
    const more = async () => {
      readings += 1;
      return [step('of the file', clean)];
    };
    const catalogue = catalogueOf([manager('A', 2, [step('own', clean)], more), manager('B', 1, [step('b', clean)])]);
    expect(await catalogue.run('clean', 'own', {}, run)).toBe('own');
    expect(await catalogue.run('clean', 'b', {}, run)).toBe('b');
    expect(readings).toBe(0);
    expect(Object.keys(await catalogue.steps('clean', run))).toEqual(['A', 'B']);
    expect(await catalogue.run('clean', 'of the file', {}, run)).toBe('of the file');
    expect((await catalogue.find('clean', 'of the file', run))?.name).toBe('of the file');
  });

  it('a manager that cannot read its steps fails the listing, and no declared step', async () => {
    const clean = { in: { clean: { priority: 0 } } };
    const broken = () => Promise.reject(new Error('line 3 is odd'));
    const catalogue = catalogueOf([manager('A', 2, [], broken), manager('B', 1, [step('b', clean)])]);
    await expect(catalogue.steps('clean', run)).rejects.toThrow('line 3 is odd');
    expect(await catalogue.run('clean', 'b', {}, run)).toBe('b');
    await expect(catalogue.run('clean', 'other', {}, run)).rejects.toThrow('line 3 is odd');
  });
});
