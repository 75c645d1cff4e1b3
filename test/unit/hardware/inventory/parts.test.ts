import { describe, expect, it } from 'vitest';
import { GiB, type Log, silentLog } from '../../../../src/core/index.ts';
import {
  bootMac,
  collectInventory,
  inventoryCollectors,
  listNics,
  type Nic,
  withoutBmcNics,
} from '../../../../src/hardware/index.ts';
import { systemClock } from '../../../../src/system/index.ts';
import { aNic } from '../../../kit/a-nic.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const portsOf = (calls: readonly RecordedCall[], entries: Entries = {}, skipBmc = false, log: Log = silentLog) => ({
  tools: recordedTools(calls),
  files: memoryFiles(entries),
  clock: systemClock,
  log,
  skipBmc,
  bootif: null,
});
const never = new AbortController().signal;

describe('bmc (inventory 2.6)', () => {
  const device: Entries = { '/dev/ipmi0': { kind: 'char' } };
  const lan = (channel: number, ip: string, mac = '3c:ec:ef:10:20:3f'): RecordedCall => ({
    argv: ['ipmitool', 'lan', 'print', String(channel)],
    out: [
      'IP Address Source       : Static Address',
      `IP Address              : ${ip}`,
      `MAC Address             : ${mac}`,
    ],
  });
  const noLan = (channel: number): RecordedCall => ({ argv: ['ipmitool', 'lan', 'print', String(channel)], exit: 1 });
  const lan6 = (channel: number, what: string, ...out: readonly string[]): RecordedCall => ({
    argv: ['ipmitool', 'lan6', 'print', String(channel), what],
    out,
  });
  const noLan6 = (channel: number) => lan6(channel, 'enables', 'IPv6/IPv4 Addressing Enables: ipv4');
  const dynamic = (address: string, status = 'active') => [
    'IPv6 Dynamic Address 0:',
    '    Source/Type:    SLAAC',
    `    Address:        ${address}`,
    `    Status:         ${status}`,
  ];
  const fixed = (address: string, enabled = 'yes') => [
    'IPv6 Static Address 0:',
    `    Enabled:        ${enabled}`,
    `    Address:        ${address}`,
    '    Status:         active',
  ];
  const rest = (from: number) => Array.from({ length: 12 - from }, (_none, at) => noLan(from + at));
  const collect = async (calls: readonly RecordedCall[], entries: Entries = device, skipBmc = false) =>
    (await inventoryCollectors.bmc.run(portsOf(calls, entries, skipBmc), never)).value;

  it.each<readonly [string, readonly RecordedCall[], Entries, unknown]>([
    ['no device', [], {}, { bmc_address: null, bmc_v6address: null }],
    ['a file instead of a device', [], { '/dev/ipmi0': 'x' }, { bmc_address: null, bmc_v6address: null }],
    ['device without LAN', rest(1), device, { bmc_address: '0.0.0.0', bmc_v6address: '::/0' }],
    [
      'the first valid channel is the third',
      [noLan(1), lan(2, '0.0.0.0'), noLan6(2), lan(3, '198.51.100.7'), noLan6(3), ...rest(4)],
      device,
      { bmc_address: '198.51.100.7', bmc_v6address: '::/0', bmc_mac: '3c:ec:ef:10:20:3f' },
    ],
    [
      'IPv6 only: the MAC counts',
      [
        lan(1, '0.0.0.0', '3C:EC:EF:10:20:3F'),
        lan6(1, 'enables', 'IPv6/IPv4 Addressing Enables: ipv6'),
        lan6(1, 'dynamic_addr', ...dynamic('2001:db8::5/64')),
        lan6(1, 'static_addr', ...fixed('::/0', 'no')),
        ...rest(2),
      ],
      device,
      { bmc_address: '0.0.0.0', bmc_v6address: '2001:db8::5', bmc_mac: '3c:ec:ef:10:20:3f' },
    ],
    [
      'static IPv6, inactive dynamic',
      [
        lan(1, '198.51.100.7'),
        lan6(1, 'enables', 'IPv6/IPv4 Addressing Enables: both'),
        lan6(1, 'dynamic_addr', ...dynamic('2001:db8::6/64', 'disabled')),
        lan6(1, 'static_addr', ...fixed('2001:db8::7/64')),
      ],
      device,
      { bmc_address: '198.51.100.7', bmc_v6address: '2001:db8::7', bmc_mac: '3c:ec:ef:10:20:3f' },
    ],
    [
      'zero MAC',
      [lan(1, '198.51.100.7', '00:00:00:00:00:00'), noLan6(1), ...rest(2)],
      device,
      { bmc_address: '198.51.100.7', bmc_v6address: '::/0' },
    ],
    [
      'nested device name',
      rest(1),
      { '/dev/ipmidev/0': { kind: 'char' } },
      { bmc_address: '0.0.0.0', bmc_v6address: '::/0' },
    ],
  ])('%s', async (_name, calls, entries, expected) => {
    expect(await collect(calls, entries)).toEqual(expected);
  });

  it('runs nothing when told to skip', async () => {
    expect(await collect([], device, true)).toEqual({ bmc_address: null, bmc_v6address: null });
  });

  it('keeps what it found when ipmitool stops answering', async () => {
    const outcome = await inventoryCollectors.bmc.run(portsOf([lan(1, '198.51.100.7')], device), never);
    expect(outcome.value).toMatchObject({ bmc_address: '198.51.100.7', bmc_v6address: '::/0' });
    expect(outcome.problems).toEqual([expect.stringContaining('scan stopped early')]);
  });
});

describe('interfaces (inventory 2.5)', () => {
  const ip = (...links: readonly object[]): RecordedCall => ({
    argv: ['ip', '-j', '-d', 'addr'],
    out: JSON.stringify(links),
  });
  const silentNic = (nic: string): RecordedCall => ({ argv: ['ethtool', nic], exit: 75 });
  const device = (nic: string): Entries => ({ [`/sys/class/net/${nic}/device`]: { kind: 'dir' } });
  const nics = async (calls: readonly RecordedCall[], entries: Entries) => listNics(portsOf(calls, entries));

  it('lists devices, bonds and dotted VLANs in natural order, nothing else', async () => {
    const entries = {
      ...device('eth10'),
      ...device('eth9'),
      '/sys/class/net/bond0/bonding/mode': '',
      '/sys/class/net/eth9.100/address': '',
      '/sys/class/net/vlan7/address': '',
      '/sys/class/net/lo/address': '',
      '/sys/class/net/br0/bridge/x': '',
    };
    const names = ['eth9', 'eth9.100', 'eth10', 'bond0', 'vlan7', 'lo', 'br0'];
    const links = ip(...names.map((ifname) => ({ ifname, address: '52:54:00:00:00:01', addr_info: [] })));
    const found = await nics([links, ...names.map(silentNic)], entries);
    expect(found.map((nic) => nic.name)).toEqual(['bond0', 'eth9', 'eth9.100', 'eth10']);
  });

  it('prefers the permanent address, lower-cases it, and leaves out a NIC without one', async () => {
    const entries = {
      ...device('a'),
      ...device('b'),
      ...device('c'),
      '/sys/class/net/c/address': '52:54:00:00:00:0C\n',
    };
    const links = ip(
      { ifname: 'a', address: '52:54:00:00:00:01', permaddr: '3C:EC:EF:00:00:01', addr_info: [] },
      { ifname: 'b', address: '00:00:00:00:00:00', addr_info: [] },
    );
    const found = await nics([links, ...['a', 'b', 'c'].map(silentNic)], entries);
    expect(found.map((nic) => [nic.name, nic.mac])).toEqual([
      ['a', '3c:ec:ef:00:00:01'],
      ['c', '52:54:00:00:00:0c'],
    ]);
  });

  it.each<readonly [string, readonly (readonly [string, string])[], string | null]>([
    [
      'global before link-local',
      [
        ['link', 'fe80::1'],
        ['global', '2001:db8::1'],
      ],
      '2001:db8::1',
    ],
    [
      'site before link-local',
      [
        ['link', 'fe80::1'],
        ['site', 'fec0::1'],
      ],
      'fec0::1',
    ],
    ['link-local with its zone', [['link', 'fe80::1']], 'fe80::1%eth0'],
    ['none', [], null],
  ])('IPv6: %s', async (_name, addresses, expected) => {
    const addr_info = addresses.map(([scope, local]) => ({ family: 'inet6', scope, local }));
    const links = ip({ ifname: 'eth0', address: '52:54:00:00:00:01', addr_info });
    expect((await nics([links, silentNic('eth0')], device('eth0')))[0]?.ipv6).toBe(expected);
  });

  it('takes the current speed when the driver names no modes', async () => {
    const links = ip({ ifname: 'eth0', address: '52:54:00:00:00:01', addr_info: [] });
    const entries = { ...device('eth0'), '/sys/class/net/eth0/speed': '200000\n' };
    expect((await nics([links, silentNic('eth0')], entries))[0]?.speedMbps).toBe(200_000);
  });

  const real = aNic('eth0', '52:54:00:00:00:01');
  const inBand = aNic('usb0', 'fa:16:3e:00:00:02');
  const other = aNic('usb1', 'fa:16:3e:00:00:03');

  it.each<readonly [string, readonly Nic[], string | null, readonly string[]]>([
    ['drops the in-band NIC', [real, inBand], null, ['eth0']],
    ['keeps an InfiniBand port', [real, { ...inBand, clientId: 'ff:00' }, other], null, ['eth0', 'usb0']],
    ['keeps the boot NIC', [real, inBand, other], 'fa:16:3e:00:00:02', ['eth0', 'usb0']],
    ['keeps all when nothing else is left', [inBand, other], null, ['usb0', 'usb1']],
    ['only the boot NIC when that is enough', [inBand, other], 'fa:16:3e:00:00:02', ['usb0']],
  ])('fa: rule %s', (_name, all, boot, expected) => {
    expect(withoutBmcNics(all, boot).kept.map(({ name }) => name)).toEqual(expected);
  });

  it.each<readonly [string | null, string | null]>([
    ['01-52-54-00-AA-BB-01', '52:54:00:aa:bb:01'],
    ['52:54:00:AA:BB:01', '52:54:00:aa:bb:01'],
    ['', null],
    [null, null],
  ])('BOOTIF %s', (bootif, expected) => {
    expect(bootMac(bootif)).toBe(expected);
  });
});

describe('cpu, memory and vendor', () => {
  const cpuOf = async (fields: readonly object[], entries: Entries = {}) =>
    (
      await inventoryCollectors.cpu.run(
        portsOf([{ argv: ['lscpu', '-J'], out: JSON.stringify({ lscpu: fields }) }], entries),
        never,
      )
    ).value;

  it('accepts ARM: no frequency, no sockets, features from /proc', async () => {
    const fields = [
      { field: 'Architecture:', data: 'aarch64' },
      { field: 'CPU(s):', data: '96' },
      { field: 'Socket(s):', data: '-' },
    ];
    expect(await cpuOf(fields, { '/proc/cpuinfo': 'processor\t: 0\nFeatures\t: fp asimd aes_x\n' })).toEqual({
      model_name: '',
      frequency: '',
      count: 96,
      architecture: 'aarch64',
      flags: ['fp', 'asimd', 'aes_x'],
      socket_count: 0,
    });
  });

  it('reads nested fields of newer lscpu', async () => {
    const children = [{ field: 'Model name:', data: 'X', children: [{ field: 'CPU MHz:', data: '2000.0' }] }];
    expect(await cpuOf([{ field: 'Vendor ID:', data: 'V', children }])).toMatchObject({
      model_name: 'X',
      frequency: '2000.0',
    });
  });

  const memoryOf = async (entries: Entries) =>
    (await inventoryCollectors.memory.run(portsOf([], entries), never)).value;
  const meminfo = { '/proc/meminfo': 'MemTotal:        4000000 kB\n' };

  it('without SMBIOS takes the memory blocks of the kernel, else what is usable', async () => {
    const dir = '/sys/devices/system/memory';
    const blocks = Object.fromEntries(Array.from({ length: 4 }, (_none, at) => [`${dir}/memory${at}/online`, '1']));
    const total = 4_096_000_000;
    expect(await memoryOf({ ...meminfo, ...blocks, [`${dir}/block_size_bytes`]: '40000000' })).toEqual({
      total,
      physical_mb: 4096,
    });
    expect(await memoryOf(meminfo)).toEqual({ total, physical_mb: Math.floor(total / 1048576) });
    expect(4 * 0x40000000).toBe(4 * GiB);
  });

  it('is null, not wrong, when nothing can be read', async () => {
    expect(await memoryOf({})).toEqual({ total: null, physical_mb: null });
  });

  const vendorOf = async (entries: Entries) =>
    (await inventoryCollectors.system_vendor.run(portsOf([], entries), never)).value;

  it('falls back to the kernel copy, then to the device tree, then to empty text', async () => {
    const id = {
      '/sys/class/dmi/id/product_name': 'Box\n',
      '/sys/class/dmi/id/product_sku': 'S1\n',
      '/sys/class/dmi/id/sys_vendor': 'Maker \n',
    };
    expect(await vendorOf(id)).toMatchObject({ product_name: 'Box (S1)', manufacturer: 'Maker', serial_number: '' });
    expect(await vendorOf({ ...id, '/sys/class/dmi/id/product_sku': '\n' })).toMatchObject({ product_name: 'Box' });
    const tree = { '/proc/device-tree/model': 'Board 4\0', '/proc/device-tree/serial-number': '1000\0' };
    expect(await vendorOf(tree)).toMatchObject({ product_name: 'Board 4', serial_number: '1000', manufacturer: '' });
    expect(await vendorOf({})).toMatchObject({
      product_name: '',
      firmware: { vendor: '', version: '', build_date: '' },
    });
  });
});

describe('collectInventory', () => {
  it('is complete in shape when every source fails, and names each failure', async () => {
    const { inventory, problems } = await collectInventory(portsOf([]), { bootif: null, skipBmc: false }, never);
    expect(inventory).toMatchObject({
      interfaces: [],
      disks: [],
      bmc_address: null,
      hostname: 'localhost',
      cpu: { count: 0 },
    });
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
      'cpu',
      'disks',
      'hostname',
      'interfaces',
      'memory',
    ]);
  });

  it('stops when cancelled', async () => {
    const cancelled = AbortSignal.abort(new Error('cancelled'));
    await expect(collectInventory(portsOf([]), { bootif: null, skipBmc: false }, cancelled)).rejects.toThrow(
      'cancelled',
    );
  });
});
