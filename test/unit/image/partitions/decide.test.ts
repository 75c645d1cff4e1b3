import { describe, expect, it } from 'vitest';
import type { Node } from '../../../../src/core/index.ts';
import { readCapabilities } from '../../../../src/image/partitions/layout/capabilities.ts';
import { type BootMode, decideBoot } from '../../../../src/image/partitions/layout/index.ts';

const decide = (node: Node | null, running: BootMode = 'bios', conductorSays: string | null = null) =>
  decideBoot({ node, running, conductorSays });

/** imaging 4.1, row by row. */
const TABLE: readonly (readonly [
  what: string,
  node: Node | null,
  running: BootMode,
  bootMode: string,
  label: string,
])[] = [
  ['no node: the running mode', null, 'bios', 'bios', 'msdos'],
  ['no node: the running mode', null, 'uefi', 'uefi', 'gpt'],
  ['an empty node', {}, 'uefi', 'uefi', 'gpt'],
  ['instance_info', { instance_info: { deploy_boot_mode: 'uefi' } }, 'bios', 'uefi', 'gpt'],
  ['upper case', { instance_info: { deploy_boot_mode: 'BIOS' } }, 'uefi', 'bios', 'msdos'],
  [
    'instance_info before the capability',
    { instance_info: { deploy_boot_mode: 'bios' }, properties: { capabilities: 'boot_mode:uefi' } },
    'uefi',
    'bios',
    'msdos',
  ],
  ['the capability', { properties: { capabilities: 'boot_mode:uefi' } }, 'bios', 'uefi', 'gpt'],
  [
    'the capability before driver_internal_info',
    { properties: { capabilities: 'boot_mode:bios' }, driver_internal_info: { deploy_boot_mode: 'uefi' } },
    'uefi',
    'bios',
    'msdos',
  ],
  ['driver_internal_info', { driver_internal_info: { deploy_boot_mode: 'uefi' } }, 'bios', 'uefi', 'gpt'],
  [
    'boot_mode counts in properties only',
    { instance_info: { capabilities: { boot_mode: 'uefi' } } },
    'bios',
    'bios',
    'msdos',
  ],
  ['an unknown value: the running mode', { properties: { capabilities: 'boot_mode:coreboot' } }, 'uefi', 'uefi', 'gpt'],
  [
    'secure boot before everything',
    { instance_info: { deploy_boot_mode: 'bios', capabilities: '{"secure_boot": "true"}' } },
    'bios',
    'uefi',
    'gpt',
  ],
  ['secure boot of properties', { properties: { capabilities: 'secure_boot:True' } }, 'bios', 'uefi', 'gpt'],
  [
    'secure boot of the instance wins over properties',
    { instance_info: { capabilities: { secure_boot: 'false' } }, properties: { capabilities: 'secure_boot:true' } },
    'bios',
    'bios',
    'msdos',
  ],
  ['secure boot as a boolean', { instance_info: { capabilities: { secure_boot: true } } }, 'bios', 'uefi', 'gpt'],
  ['disk_label gpt', { properties: { capabilities: 'disk_label:gpt' } }, 'bios', 'bios', 'gpt'],
  [
    'disk_label of the instance wins',
    { instance_info: { capabilities: { disk_label: 'msdos' } }, properties: { capabilities: 'disk_label:gpt' } },
    'bios',
    'bios',
    'msdos',
  ],
  ['any other disk_label', { properties: { capabilities: 'disk_label:bsd' } }, 'bios', 'bios', 'msdos'],
  [
    'UEFI implies GPT',
    { properties: { capabilities: { disk_label: 'msdos', boot_mode: 'uefi' } } },
    'bios',
    'uefi',
    'gpt',
  ],
];

describe('boot mode and table by the node', () => {
  it.each(TABLE)('%s', (_what, node, running, bootMode, label) => {
    expect(decide(node, running)).toMatchObject({ bootMode, label });
  });

  it('says where the boot mode comes from', () => {
    expect(decide({ properties: { capabilities: 'boot_mode:uefi' } }).because).toBe('the capability boot_mode');
    expect(decide(null, 'uefi').because).toBe('the running boot mode');
  });

  it('names both values when the conductor says another mode', () => {
    const { bootMode, warnings } = decide({ properties: { capabilities: 'boot_mode:bios' } }, 'bios', 'uefi');
    expect(bootMode).toBe('bios');
    expect(warnings).toEqual(['image_info says boot mode uefi, the capability boot_mode says bios']);
    expect(decide(null, 'uefi', 'uefi').warnings).toEqual([]);
  });

  it('names an unknown value', () => {
    const { warnings } = decide({ instance_info: { deploy_boot_mode: 'fast' } });
    expect(warnings).toEqual(['instance_info.deploy_boot_mode has the unknown value fast']);
  });
});

describe('capabilities', () => {
  it.each([
    ['absent', undefined, {}],
    ['null', null, {}],
    ['an object', { a: 'b', c: true }, { a: 'b', c: 'true' }],
    ['JSON text', '{"a": "b"}', { a: 'b' }],
    ['pairs', 'a:b, c:d:e', { a: 'b', c: 'd:e' }],
    ['an empty value', 'a:', { a: '' }],
  ])('as %s', (_what, raw, expected) => {
    const { of, notes } = readCapabilities(raw, 'x');
    expect(Object.fromEntries(of)).toEqual(expected);
    expect(notes).toEqual([]);
  });

  it('skips what is malformed and says so', () => {
    const { of, notes } = readCapabilities('a:b,nonsense,:c,,d:e', 'properties.capabilities');
    expect(Object.fromEntries(of)).toEqual({ a: 'b', d: 'e' });
    expect(notes).toEqual(['properties.capabilities has 3 malformed piece(s), which were skipped']);
    expect(readCapabilities(7, 'x').notes).toEqual(['x is neither text nor an object']);
  });
});
