import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collectInventory } from '../../../src/hardware/index.ts';
import { loadMachine, machinesDir } from '../../kit/machine.ts';

const machines = readdirSync(machinesDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe('recorded machines', () => {
  it.each(machines.map(({ name }) => name))('%s has the expected inventory', async (name) => {
    const { ports, facts, inventory } = loadMachine(name);
    const found = await collectInventory(ports, facts, AbortSignal.timeout(20_000));
    expect(found).toEqual(inventory);
    expect(ports.tools.unused()).toEqual([]);
  });

  it('sends the keys in the documented order', async () => {
    const { ports, facts } = loadMachine('two-socket-server');
    const { inventory } = await collectInventory(ports, facts, AbortSignal.timeout(20_000));
    expect(Object.keys(inventory)).toEqual([
      'interfaces',
      'cpu',
      'disks',
      'memory',
      'bmc_address',
      'bmc_v6address',
      'system_vendor',
      'boot',
      'hostname',
      'bmc_mac',
    ]);
  });
});
