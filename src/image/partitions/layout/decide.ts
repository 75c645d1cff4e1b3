import type { Node } from '../../../core/index.ts';
import { readCapabilities } from './capabilities.ts';

export type BootMode = 'bios' | 'uefi';
export type TableLabel = 'gpt' | 'msdos';

export interface BootFacts {
  /** The node object of the step; null when there is none. */
  readonly node: Node | null;
  /** How this ramdisk was started. */
  readonly running: BootMode;
  /** `deploy_boot_mode` of the image information. */
  readonly conductorSays: string | null;
}

export interface BootDecision {
  readonly bootMode: BootMode;
  /** Where the boot mode was found. */
  readonly because: string;
  readonly label: TableLabel;
  /** What an operator should know, in words. */
  readonly warnings: readonly string[];
}

const lower = (value: unknown) =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().toLowerCase() : null;
const isMode = (text: string): text is BootMode => text === 'bios' || text === 'uefi';

/** Boot mode and partition table of a partition image by the node object (imaging 4.1). */
export function decideBoot({ node, running, conductorSays }: BootFacts): BootDecision {
  const instance = readCapabilities(node?.instance_info?.capabilities, 'instance_info.capabilities');
  const properties = readCapabilities(node?.properties?.capabilities, 'properties.capabilities');
  const either = (name: string) => lower(instance.of.get(name)) ?? lower(properties.of.get(name));
  const sources = [
    ['instance_info.deploy_boot_mode', lower(node?.instance_info?.deploy_boot_mode)],
    ['the capability boot_mode', lower(properties.of.get('boot_mode'))],
    ['driver_internal_info.deploy_boot_mode', lower(node?.driver_internal_info?.deploy_boot_mode)],
  ] as const;
  const [from, said] = sources.find(([, value]) => value !== null) ?? ['the running boot mode', running];
  const known = said !== null && isMode(said) ? { bootMode: said, because: from } : null;
  const fallback = { bootMode: running, because: 'the running boot mode' } as const;
  const secure = { bootMode: 'uefi', because: 'the capability secure_boot' } as const;
  const chosen = either('secure_boot') === 'true' ? secure : (known ?? fallback);
  const differs = conductorSays !== null && conductorSays !== chosen.bootMode;
  return {
    ...chosen,
    label: chosen.bootMode === 'uefi' || either('disk_label') === 'gpt' ? 'gpt' : 'msdos',
    warnings: [
      ...instance.notes,
      ...properties.notes,
      ...(known === null ? [`${from} has the unknown value ${said}`] : []),
      ...(differs ? [`image_info says boot mode ${conductorSays}, ${chosen.because} says ${chosen.bootMode}`] : []),
    ],
  };
}
