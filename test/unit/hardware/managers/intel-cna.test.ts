import { expect, it } from 'vitest';
import { managers } from '../../../../src/runtime/managers.ts';
import { loadMachine } from '../../../kit/machine.ts';

const { signal } = new AbortController();

it.each([
  ['two-socket-server', 2],
  ['qemu-q35', 0],
  ['micro-vm', 0],
])('the manager of Intel X710 cards fits %s with %i', async (machine, support) => {
  const manager = managers.find(({ className }) => className === 'IntelCnaHardwareManager');
  expect(manager).toMatchObject({ name: 'IntelCnaHardwareManager', version: '1.0', steps: [] });
  expect(await manager?.evaluate(loadMachine(machine).ports, signal)).toBe(support);
});
