import { describe, expect, it } from 'vitest';
import { GiB, parse } from '../../../src/core/index.ts';
import { type Inventory, Inventory as Schema } from '../../../src/hardware/index.ts';
import { legacyKeys } from '../../../src/runtime/inspection/legacy-keys.ts';
import { loadMachine } from '../../kit/machine.ts';

const inventoryOf = (machine: string): Inventory =>
  parse(Schema, Object(loadMachine(machine).inventory).inventory, 'recorded inventory');
const server = inventoryOf('two-socket-server');

describe('the keys of the discoverd era (protocol 13.7)', () => {
  it('derive from the inventory of a server', () => {
    expect(legacyKeys(server, { root_disk: { size: 480_103_981_056 } })).toEqual({
      cpus: 64,
      cpu_arch: 'x86_64',
      memory_mb: 524_288,
      local_gb: 446,
      interfaces: {
        eno1: { mac: '3c:ec:ef:10:20:30', ip: '192.0.2.51' },
        eno2: { mac: '3c:ec:ef:10:20:31', ip: null },
      },
      macs: ['3c:ec:ef:10:20:30', '3c:ec:ef:10:20:31'],
      ipmi_address: '198.51.100.21',
      block_devices: { serials: ['S664NN0T100001', 'WS2000020000C1000002', 'X3A0A00003'] },
    });
  });

  it.each<[string, Partial<Inventory>, Record<string, unknown>, Record<string, unknown>]>([
    ['no root disk', {}, {}, { local_gb: undefined }],
    ['4 GiB exactly', {}, { root_disk: { size: 4 * GiB } }, { local_gb: 3 }],
    ['a byte less', {}, { root_disk: { size: 4 * GiB - 1 } }, { local_gb: 2 }],
    ['a tiny root disk', {}, { root_disk: { size: 1000 } }, { local_gb: 0 }],
    ['unknown memory', { memory: { total: null, physical_mb: null } }, {}, { memory_mb: undefined }],
    ['a BMC without address', { bmc_address: '0.0.0.0' }, {}, { ipmi_address: null }],
    ['no BMC', { bmc_address: null }, {}, { ipmi_address: null }],
    ['no interface', { interfaces: [] }, {}, { interfaces: {}, macs: [] }],
    ['no disk', { disks: [] }, {}, { block_devices: { serials: [] } }],
  ])('with %s', (_case, changed, report, expected) => {
    const keys = legacyKeys({ ...server, ...changed }, report);
    for (const [key, value] of Object.entries(expected)) expect(keys[key]).toEqual(value);
  });

  it('leave out disks without a serial number', () => {
    const disks = server.disks.map((disk, at) => (at === 1 ? { ...disk, serial: null } : disk));
    expect(legacyKeys({ ...server, disks }, {}).block_devices).toEqual({ serials: ['S664NN0T100001', 'X3A0A00003'] });
  });
});
