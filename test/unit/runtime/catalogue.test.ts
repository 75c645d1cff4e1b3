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
import { createCatalogue } from '../../../src/runtime/catalogue.ts';

interface Manager {
  readonly name: string;
  readonly className: string;
  readonly version: string;
  readonly support: number;
  readonly steps: readonly Step<null>[];
}
const step = (name: string, facts: Partial<StepFacts>, act: () => Promise<unknown> = async () => name): Step<null> =>
  defineStep({ name, interface: 'deploy', doc: '', in: {}, throws: [], args: Type.Object({}), run: act, ...facts });
const manager = (className: string, support: number, steps: readonly Step<null>[]): Manager => ({
  name: className.toLowerCase(),
  className,
  version: '1.0',
  support,
  steps,
});
const run: Run<null> = {
  ports: null,
  node: null,
  signal: new AbortController().signal,
  progress: () => undefined,
  log: silentLog,
};

describe('catalogue of steps', () => {
  it('lists each name once: support, then priority, then class name (steps.md 1.3)', () => {
    const clean = (priority: number) => ({ in: { clean: { priority } } });
    const catalogue = createCatalogue([
      manager('Generic', 1, [step('erase', clean(10)), step('only', clean(0))]),
      manager('Beta', 2, [step('erase', clean(5)), step('tie', clean(1))]),
      manager('Alpha', 2, [step('tie', clean(1))]),
      manager('Loser', 1, [step('tie', clean(99))]),
      manager('Absent', 0, [step('erase', clean(99))]),
    ]);
    const listed = catalogue.steps('clean');
    const names = Object.fromEntries(Object.entries(listed).map(([key, steps]) => [key, steps.map((s) => s.step)]));
    expect(names).toEqual({ Generic: ['only'], Beta: ['erase'], Alpha: ['tie'] });
    expect(catalogue.steps('service')).toEqual({});
  });

  it('takes the priority that the operator chose, as it is at that moment', () => {
    const both = { in: { deploy: { priority: 0 }, service: { priority: 0 } } };
    const chosen = new Map([['files', 40]]);
    const catalogue = createCatalogue([manager('G', 1, [step('files', both), step('other', both)])], () =>
      Object.fromEntries(chosen),
    );
    const priorities = (kind: 'deploy' | 'service') => catalogue.steps(kind).G?.map((s) => [s.step, s.priority]);
    expect(priorities('deploy')).toEqual([
      ['files', 40],
      ['other', 0],
    ]);
    chosen.set('files', 7);
    expect(priorities('service')).toEqual([
      ['files', 7],
      ['other', 0],
    ]);
    expect(catalogue.steps('clean')).toEqual({});
  });

  it('tells all that conductors need; deploy steps carry no abortable (steps.md 1.2)', () => {
    const argsinfo = { files: { description: 'Files.', required: true } };
    const facts = {
      in: { clean: { priority: 1 }, deploy: { priority: 0 } },
      abortable: true,
      argsinfo,
      rebootRequested: true,
    };
    const catalogue = createCatalogue([manager('G', 1, [step('s', facts)])]);
    const common = { step: 's', interface: 'deploy', reboot_requested: true, argsinfo };
    expect(catalogue.steps('clean')).toEqual({ G: [{ ...common, priority: 1, abortable: true }] });
    expect(catalogue.steps('deploy')).toEqual({ G: [{ ...common, priority: 0 }] });
  });

  it('versions name every manager of the build and must match as a whole (steps.md 1.4)', () => {
    const catalogue = createCatalogue([manager('A', 1, []), manager('B', 0, [])]);
    expect(catalogue.versions()).toEqual({ a: '1.0', b: '1.0' });
    for (const same of [null, undefined, { b: '1.0', a: '1.0' }]) catalogue.assertVersions(same);
    for (const other of [{}, { a: '1.0' }, { a: '1.0', b: '1.1' }, { a: '1.0', b: '1.0', c: '1' }, '1.0', []])
      expect(() => catalogue.assertVersions(other)).toThrow(/version mismatch/);
  });

  it('passes on to the next manager only for incompatible hardware', async () => {
    const clean = { in: { clean: { priority: 0 } } };
    const no = () => Promise.reject(IncompatibleHardwareMethod('not for this card'));
    const broken = () => Promise.reject(new Error('broken'));
    const catalogue = createCatalogue([
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
});
