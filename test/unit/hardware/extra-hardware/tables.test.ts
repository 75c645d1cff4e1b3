import { describe, expect, it } from 'vitest';
import {
  banksOf,
  businfoOf,
  cacheFields,
  cpusOf,
  idFields,
  ipv4Fields,
} from '../../../../src/hardware/extra-hardware/parts/index.ts';
import type { DmiBlock } from '../../../../src/system/index.ts';

const array = (handle: string, use = 'System Memory'): DmiBlock => ({
  type: 16,
  fields: { Handle: `Handle ${handle}, DMI type 16, 23 bytes`, Use: use },
});
const module = (handle: string, fields: Readonly<Record<string, string>>): DmiBlock => ({
  type: 17,
  fields: { Handle: 'Handle 0x1100, DMI type 17, 92 bytes', 'Array Handle': handle, ...fields },
});
const whole = {
  Size: '32 GB',
  'Form Factor': 'DIMM',
  Locator: 'A1',
  Type: 'DDR5',
  'Type Detail': 'Synchronous Registered (Buffered)',
  Speed: '4800 MT/s',
  Manufacturer: 'Example Memory',
  'Serial Number': '12AB34CD',
  'Part Number': 'EX32G48',
};
const empty = { Size: 'No Module Installed', 'Form Factor': 'DIMM', Locator: 'A2', Type: 'Unknown', Speed: 'Unknown' };

describe('memory modules', () => {
  it('are named by their place, with size in bytes and clock in Hz; an empty place says so', () => {
    expect(banksOf([array('0x1000'), module('0x1000', whole), module('0x1000', empty)])).toEqual([
      ['memory', 'bank:0', 'size', '34359738368'],
      ['memory', 'bank:0', 'clock', '4800000000'],
      ['memory', 'bank:0', 'description', 'DIMM DDR5 Synchronous Registered (Buffered) 4800 MHz (0.2 ns)'],
      ['memory', 'bank:0', 'vendor', 'Example Memory'],
      ['memory', 'bank:0', 'product', 'EX32G48'],
      ['memory', 'bank:0', 'serial', '12AB34CD'],
      ['memory', 'bank:0', 'slot', 'A1'],
      ['memory', 'bank:1', 'description', 'DIMM [empty]'],
      ['memory', 'bank:1', 'slot', 'A2'],
      ['memory', 'banks', 'count', '2'],
    ]);
  });

  it.each<[string, readonly DmiBlock[], readonly string[]]>([
    [
      'several arrays, whose numbers become part of the name',
      [array('0x1000'), array('0x1001'), module('0x1001', whole), module('0x1000', whole), module('0x1001', whole)],
      ['bank:0:0', 'bank:1:0', 'bank:1:1'],
    ],
    [
      'an array of flash memory beside the one of the system',
      [array('0x1000', 'Flash Memory'), array('0x1001'), module('0x1001', whole)],
      ['bank:0'],
    ],
    ['no array', [module('0x1000', whole)], ['bank:0']],
    ['nothing', [], []],
  ])('of %s', (_case, blocks, names) => {
    const items = banksOf(blocks);
    expect(items.filter(([, , field]) => field === 'slot').map(([, name]) => name)).toEqual(names);
  });

  it.each([
    ['16384 MB', '17179869184'],
    ['2 TB', '2199023255552'],
    ['512 kB', '524288'],
    ['Unknown', undefined],
    ['huge', undefined],
  ])('of %s', (size, bytes) => {
    const items = banksOf([module('0x1000', { ...whole, Size: size })]);
    expect(items.find(([, , field]) => field === 'size')?.[3]).toBe(bytes);
  });
});

describe('network fields', () => {
  it.each([
    ['192.0.2.51', 24, '255.255.255.0', '192.0.2.0'],
    ['10.77.200.9', 20, '255.255.240.0', '10.77.192.0'],
    ['198.51.100.7', 32, '255.255.255.255', '198.51.100.7'],
    ['203.0.113.9', 0, '0.0.0.0', '0.0.0.0'],
    ['172.16.5.4', 1, '128.0.0.0', '128.0.0.0'],
  ])('of %s/%i', (address, prefix, mask, network) => {
    expect(ipv4Fields(address, prefix)).toEqual({
      ipv4: address,
      'ipv4-netmask': mask,
      'ipv4-cidr': String(prefix),
      'ipv4-network': network,
    });
  });

  it('are the address alone when the kernel tells no prefix', () => {
    expect(ipv4Fields('192.0.2.1', null)).toEqual({ ipv4: '192.0.2.1' });
  });

  it.each([
    ['pci', '0000:19:00.0', 'pci@0000:19:00.0'],
    ['virtio', 'virtio2', 'virtio@2'],
    ['usb', '1-14:1.0', 'usb@1:14'],
    ['usb', '2-1.4:1.0', 'usb@2:1.4'],
    [undefined, '0000:19:00.0', null],
    ['pci', null, null],
  ])('businfo of %s %s', (bus, device, expected) => {
    expect(businfoOf(bus, device)).toBe(expected);
  });
});

describe('disk fields', () => {
  it.each<[string | null, string | undefined, string | undefined]>([
    ['write back', '1', '0'],
    ['write through', '0', '0'],
    ['none', '0', '1'],
    ['write back, no read (daft)', '1', '1'],
    [null, undefined, undefined],
  ])('caches of %s', (kind, write, read) => {
    const fields = cacheFields(kind);
    expect([fields['Write Cache Enable'], fields['Read Cache Disable']]).toEqual([write, read]);
  });

  it('ids by their kind, the last one of several', () => {
    const links = ['disk/by-id/wwn-0x5002', 'disk/by-path/pci-1', 'disk/by-id/scsi-3500', 'disk/by-id/ata-X_1'];
    expect(idFields([...links, 'disk/by-id/ata-X_2'])).toEqual({
      id: 'ata-X_2',
      'scsi-id': 'scsi-3500',
      'wwn-id': 'wwn-0x5002',
    });
  });
});

describe('lists of CPUs', () => {
  it.each([
    ['0-3,8-9', [0, 1, 2, 3, 8, 9]],
    ['5', [5]],
    ['0,2', [0, 2]],
    ['', []],
  ])('%s', (list, cpus) => {
    expect(cpusOf(list)).toEqual(cpus);
  });
});
