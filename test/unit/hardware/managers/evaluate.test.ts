import { describe, expect, it } from 'vitest';
import {
  evaluateManagers,
  genericManager,
  initializeManagers,
  type ManagerFacts,
} from '../../../../src/hardware/index.ts';
import { createManagerSet, namesAndVersions } from '../../../../src/runtime/managers.ts';
import { ironicKit } from '../../../kit/ironic-ports.ts';
import { memoryFiles } from '../../../kit/memory-files.ts';
import { recordedTools } from '../../../kit/recorded-tools.ts';

const { signal } = new AbortController();
function machine() {
  const { ports, lines } = ironicKit();
  return { ports: { ...ports, tools: recordedTools([]), files: memoryFiles({}) }, lines };
}
const manager = (className: string, more: Partial<ManagerFacts>): ManagerFacts => ({
  name: className,
  className,
  version: '1.0',
  evaluate: async () => 1,
  ...more,
});
const says = (className: string, support: number) => manager(className, { evaluate: async () => support });
const namesOf = (list: readonly ManagerFacts[]) => list.map(({ className }) => className);

describe('hardware managers are asked (inventory 1.1)', () => {
  it('the best goes first, equals keep their order, who says none is left out', async () => {
    const { ports } = machine();
    const all = [
      says('generic', 1),
      says('absent', 0),
      says('first', 2),
      says('vendor', 7),
      says('second', 2),
      says('odd', -1),
    ];
    const fitting = await evaluateManagers(all, ports, signal);
    expect(fitting.map(({ className, support }) => `${className} ${support}`)).toEqual([
      'vendor 7',
      'first 2',
      'second 2',
      'generic 1',
    ]);
  });

  it('one that fails costs itself and not the agent', async () => {
    const { ports, lines } = machine();
    const broken = manager('broken', { evaluate: () => Promise.reject(new Error('the card burns')) });
    expect(namesOf(await evaluateManagers([broken, genericManager], ports, signal))).toEqual([
      'GenericHardwareManager',
    ]);
    expect(lines.join('\n')).toMatch(/manager\.evaluate\.failed.*the card burns/);
  });

  it('each is asked once, however often the answer is needed', async () => {
    const { ports } = machine();
    let asked = 0;
    const counting = manager('counting', { evaluate: async () => ++asked });
    const set = createManagerSet([{ ...counting, steps: [] }], ports);
    await Promise.all([set.fitting(signal), set.start(signal), namesAndVersions(set, signal)]);
    expect(await namesAndVersions(set, signal)).toEqual([{ name: 'counting', version: '1.0' }]);
    expect(asked).toBe(1);
  });

  it('only those that fit prepare the machine, after all were asked, best first; a failure stops nobody else', async () => {
    const { ports, lines } = machine();
    const order: string[] = [];
    const noting = (className: string, support: number, act: () => void = () => undefined): ManagerFacts =>
      manager(className, {
        evaluate: async () => {
          order.push(`${className}?`);
          return support;
        },
        initialize: async () => {
          order.push(`${className}!`);
          act();
        },
      });
    const fail = () => {
      throw new Error('no driver');
    };
    const all = [noting('low', 1), noting('no', 0), noting('high', 3, fail)];
    await initializeManagers(await evaluateManagers(all, ports, signal), ports, signal);
    expect(order).toEqual(['low?', 'no?', 'high?', 'high!', 'low!']);
    expect(lines.join('\n')).toMatch(/manager\.initialize\.failed.*no driver/);
  });

  it('two managers of one name are named in the log', () => {
    const { ports, lines } = machine();
    const twin = (className: string) => ({ ...manager(className, { name: 'twin' }), steps: [] });
    createManagerSet([twin('A'), twin('B')], ports);
    expect(lines.join('\n')).toMatch(/manager\.name\.twice.*twin/);
  });
});

it('the generic manager has the names and version that a conductor knows', async () => {
  expect(genericManager).toMatchObject({
    name: 'generic_hardware_manager',
    className: 'GenericHardwareManager',
    version: '1.2',
  });
  expect(await genericManager.evaluate(machine().ports, signal)).toBe(1);
});
