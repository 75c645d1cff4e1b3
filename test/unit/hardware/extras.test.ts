import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/core/index.ts';
import { dmi, numaTopology, pciDevices, usbDevices } from '../../../src/hardware/index.ts';
import { systemClock } from '../../../src/system/index.ts';
import { type Entries, memoryFiles } from '../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../kit/recorded-tools.ts';

const { signal } = new AbortController();
const machine = (files: Entries, tools: readonly RecordedCall[] = []) => ({
  files: memoryFiles(files),
  tools: recordedTools(tools),
  clock: systemClock,
  log: silentLog,
});

const below = (dir: string, entries: Readonly<Record<string, string>>): Entries =>
  Object.fromEntries(Object.entries(entries).map(([name, text]) => [`${dir}/${name}`, text]));

describe('pci-devices', () => {
  const at = (bus: string, entries: Readonly<Record<string, string>>) => below(`/sys/bus/pci/devices/${bus}`, entries);
  const bus: Entries = { '/sys/bus/pci/devices': { kind: 'dir' } };

  it('gives ids without 0x, the NUMA node as text, and leaves out what has no ids', async () => {
    const ports = machine({
      ...bus,
      ...at('0000:ca:00.0', {
        ...{ vendor: '0x10DE\n', device: '0x2236\n', class: '0x030200\n' },
        ...{ revision: '0xa1\n', numa_node: '1\n' },
      }),
      ...at('0000:19:00.0', { vendor: '0x8086', device: '0x1572', class: '0x020000', numa_node: '-1' }),
      ...at('0000:1a:00.0', { vendor: '0x8086', class: '0x020000' }),
      ...at('0000:1b:00.0', { vendor: 'junk', device: '0x1572', class: '0x020000' }),
    });
    const { value, problems } = await pciDevices.run(ports, signal);
    expect(value).toEqual([
      {
        ...{ vendor_id: '8086', product_id: '1572', class: '020000', revision: null },
        ...{ bus: '0000:19:00.0', numa_node_id: '-1' },
      },
      {
        ...{ vendor_id: '10de', product_id: '2236', class: '030200', revision: 'a1' },
        ...{ bus: '0000:ca:00.0', numa_node_id: '1' },
      },
    ]);
    expect(problems).toEqual(['2 devices have unreadable ids']);
  });

  it('fails where there is no bus', async () => {
    const { value, problems } = await pciDevices.run(machine({}), signal);
    expect(value).toBeNull();
    expect(problems).toEqual(['/sys/bus/pci/devices is absent: this machine has no PCI bus']);
  });
});

describe('numa-topology', () => {
  const node = (number: number, memory: number): Entries =>
    below(`/sys/devices/system/node/node${number}`, {
      meminfo: `Node ${number} MemTotal:       ${memory} kB\nNode ${number} MemFree:        12 kB\n`,
    });
  const cpu = (number: number, thread: number, topology: Readonly<Record<string, string>>): Entries => ({
    [`/sys/devices/system/node/node${number}/cpu${thread}`]: { kind: 'dir' },
    ...below(`/sys/devices/system/node/node${number}/cpu${thread}/topology`, topology),
  });

  it('unites the threads of a core, tells packages apart and leaves out offline CPUs', async () => {
    const ports = machine({
      ...node(0, 263_777_048),
      ...node(1, 263_775_672),
      ...cpu(0, 0, { core_id: '0\n', physical_package_id: '0\n', die_id: '0\n' }),
      ...cpu(0, 32, { core_id: '0', physical_package_id: '0', die_id: '0' }),
      // Numbers are put in order as numbers.
      ...cpu(0, 9, { core_id: '0', physical_package_id: '1', die_id: '0' }),
      ...cpu(0, 5, {}),
      ...cpu(1, 16, { core_id: '3' }),
      '/sys/devices/system/node/node0/cpulist': '0-32',
      '/sys/class/net/eno1/device/numa_node': '0',
      '/sys/class/net/eno2/device/numa_node': '-1',
      '/sys/class/net/lo/mtu': '65536',
    });
    const { value, problems } = await numaTopology.run(ports, signal);
    expect(value).toEqual({
      ram: [
        { numa_node: 0, size_kb: 263_777_048 },
        { numa_node: 1, size_kb: 263_775_672 },
      ],
      cpus: [
        { cpu: 0, numa_node: 0, thread_siblings: [0, 32] },
        { cpu: 0, numa_node: 0, thread_siblings: [9] },
        { cpu: 3, numa_node: 1, thread_siblings: [16] },
      ],
      nics: [
        { name: 'eno1', numa_node: 0 },
        { name: 'eno2', numa_node: -1 },
      ],
    });
    expect(problems).toEqual(['cpu5 of node 0 has no core_id: it is offline']);
  });

  it.each<[string, Entries, string]>([
    ['no node', {}, 'knows no NUMA topology'],
    ['a node without memory', below('/sys/devices/system/node/node0', { meminfo: 'nothing' }), 'no MemTotal'],
  ])('is absent with %s', async (_case, files, why) => {
    const { value, problems } = await numaTopology.run(machine(files), signal);
    expect(value).toBeNull();
    expect(problems.join()).toContain(why);
  });
});

describe('usb-devices', () => {
  const at = (name: string, entries: Readonly<Record<string, string>>) =>
    below(`/sys/bus/usb/devices/${name}`, entries);

  it('lists devices, not hubs, root hubs or interfaces', async () => {
    const ports = machine({
      ...at('usb1', { bDeviceClass: '09', busnum: '1', devnum: '1', product: 'xHCI Host Controller' }),
      ...at('1-1', { bDeviceClass: '09', busnum: '1', devnum: '2', product: 'Hub' }),
      ...at('1-1.4', {
        ...{ bDeviceClass: '00\n', busnum: '1\n', devnum: '4\n' },
        ...{ product: 'Smart Card Reader\n', manufacturer: 'Example Vendor \n' },
      }),
      ...at('1-1.4:1.0', { bInterfaceClass: '0b' }),
      ...at('2-3', { bDeviceClass: 'ff', busnum: '2', devnum: '3' }),
    });
    expect((await usbDevices.run(ports, signal)).value).toEqual([
      { product: 'Smart Card Reader', vendor: 'Example Vendor', handle: 'USB:1:4' },
      { product: '', vendor: '', handle: 'USB:2:3' },
    ]);
  });

  it('is empty on a machine without USB', async () => {
    expect(await usbDevices.run(machine({}), signal)).toEqual({ value: [], problems: [] });
  });
});

const BIOS = `Handle 0x0000, DMI type 0, 26 bytes
BIOS Information
	Vendor: Example BIOS Co
	Release Date: 05/06/2026
	Characteristics:
		PCI is supported
		UEFI is supported
	BIOS Revision: 2.1
`;
const CPU = `Handle 0x0400, DMI type 4, 50 bytes
Processor Information
	Socket Designation: CPU1
	Flags:
		FPU (Floating-point unit on-chip)
	Version: Intel(R) Xeon(R)
	Core Count: 16
`;
const array = (handle: string, places: number) => `Handle ${handle}, DMI type 16, 23 bytes
Physical Memory Array
	Location: System Board Or Motherboard
	Use: System Memory
	Number Of Devices: ${places}
`;
const MODULE = `Handle 0x1100, DMI type 17, 92 bytes
Memory Device
	Size: 32 GB
	Locator: A1
	Module Manufacturer ID: Bank 1, Hex 0x80: odd
`;

describe('dmi-decode', () => {
  const head = '# dmidecode 3.4\nGetting SMBIOS data from sysfs.\nSMBIOS 3.5.0 present.\n';
  const printed = (...blocks: readonly string[]): readonly RecordedCall[] => [
    { argv: 'dmidecode -t bios -t processor -t memory'.split(' '), out: [head, ...blocks].join('\n') },
  ];
  const bios = {
    Handle: 'Handle 0x0000, DMI type 0, 26 bytes',
    Vendor: 'Example BIOS Co',
    'Release Date': '05/06/2026',
    Characteristics: ['PCI is supported', 'UEFI is supported'],
    'BIOS Revision': '2.1',
  };
  const cpu = {
    Handle: 'Handle 0x0400, DMI type 4, 50 bytes',
    'Socket Designation': 'CPU1',
    Flags: ['FPU (Floating-point unit on-chip)'],
    Version: 'Intel(R) Xeon(R)',
    'Core Count': '16',
  };
  const module = {
    Handle: 'Handle 0x1100, DMI type 17, 92 bytes',
    Size: '32 GB',
    Locator: 'A1',
    'Module Manufacturer ID': 'Bank 1, Hex 0x80: odd',
  };
  const places = (count: number) => ({
    Location: 'System Board Or Motherboard',
    Use: 'System Memory',
    'Number Of Devices': count,
  });

  it.each<[string, readonly string[], unknown]>([
    [
      'a server with two arrays',
      [
        BIOS,
        CPU,
        array('0x1000', 16),
        MODULE,
        array('0x1001', 8),
        MODULE,
        'Handle 0x7F00, DMI type 127, 4 bytes\nEnd\n',
      ],
      { bios, cpu: [cpu], memory: { ...places(24), devices: [module, module] } },
    ],
    ['no array', [BIOS, MODULE], { bios, cpu: [], memory: { devices: [module] } }],
    ['no module', [array('0x1000', 4)], { bios: {}, cpu: [], memory: places(4) }],
    ['nothing', [], { bios: {}, cpu: [], memory: { devices: [] } }],
  ])('of %s', async (_case, blocks, expected) => {
    const { value, problems } = await dmi.run(machine({}, printed(...blocks)), signal);
    expect(value).toEqual(expected);
    expect(problems).toEqual([]);
  });

  it('fails when the program does', async () => {
    const call = { argv: printed()[0]?.argv ?? [], exit: 1, err: 'Permission denied' };
    const { value, problems } = await dmi.run(machine({}, [call]), signal);
    expect(value).toBeNull();
    expect(problems.join()).toContain('Permission denied');
  });
});
