import { expect, it } from 'vitest';
import { createManagerSet, managers, namesAndVersions } from '../../../../src/runtime/managers.ts';
import { loadMachine } from '../../../kit/machine.ts';
import { memoryFiles } from '../../../kit/memory-files.ts';

const { signal } = new AbortController();
const manager = managers.find(({ className }) => className === 'MellanoxDeviceHardwareManager');

it.each([
  ['infiniband-server', 2],
  ['two-socket-server', 0],
  ['qemu-q35', 0],
  ['micro-vm', 0],
])('the manager of Mellanox cards fits %s with %i', async (machine, support) => {
  expect(manager).toMatchObject({ name: 'MellanoxDeviceHardwareManager', version: '1', steps: [] });
  expect(await manager?.evaluate(loadMachine(machine).ports, signal)).toBe(support);
});

it('fits an Ethernet card too, whatever else is there', async () => {
  const files = memoryFiles({
    '/sys/class/net/bonding_masters': 'bond0\n',
    '/sys/class/net/eno1/device/vendor': '0x8086\n',
    '/sys/class/net/eno2/device/vendor': '0x15b3\n',
    '/sys/class/net/lo/address': '00:00:00:00:00:00\n',
  });
  expect(await manager?.evaluate({ ...loadMachine('micro-vm').ports, files }, signal)).toBe(2);
});

it('is named by inspection before the generic manager', async () => {
  const set = createManagerSet(managers, loadMachine('infiniband-server').ports);
  expect(await namesAndVersions(set, signal)).toEqual([
    { name: 'MellanoxDeviceHardwareManager', version: '1' },
    { name: 'generic_hardware_manager', version: '1.2' },
  ]);
});
