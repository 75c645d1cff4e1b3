import { byIdentifier, type NamedPartition } from '../identifiers.ts';
import { ESP_ON, type FatMount } from './plan.ts';

/** fstab writes blanks as octal. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

interface Row {
  readonly source: string;
  readonly on: string;
  readonly type: string;
  readonly options: readonly string[];
}

const rowsOf = (fstab: string): readonly Row[] =>
  fstab.split('\n').flatMap((line) => {
    const [source = '', on, type, options = ''] = line.trim().split(/\s+/).map(unescaped);
    if (source.startsWith('#') || on === undefined || type === undefined) return [];
    return [{ source: source.replaceAll('"', ''), on, type, options: options.split(',') }];
  });

function sourceOn(partitions: readonly NamedPartition[], source: string): string | undefined {
  const [, tag = '', value = ''] = /^(UUID|PARTUUID|LABEL|PARTLABEL)=(.+)$/.exec(source) ?? [];
  const named = tag === '' ? undefined : byIdentifier(partitions, value);
  return (named ?? partitions.find(({ device }) => device === source))?.device;
}

/**
 * What `mount -a -t vfat` of the image would mount, as far as it is on this disk (imaging 6.4, 5). Done by us: the
 * image's own program would take any device and any option from its fstab.
 */
export const fatMountsOf = (fstab: string, partitions: readonly NamedPartition[]): readonly FatMount[] =>
  rowsOf(fstab)
    .filter(({ type, on, options }) => type === 'vfat' && /^\/./.test(on) && !options.includes('noauto'))
    .flatMap(({ source, on }) => {
      const device = sourceOn(partitions, source);
      return device === undefined ? [] : [{ device, on: on.replace(/(?<=.)\/+$/, '') }];
    });

/** The text with a line for the ESP; null when it has one already. `uuid` is as the conductor knows the partition. */
export function withEspLine(fstab: string, uuid: string, partitions: readonly NamedPartition[]): string | null {
  const kind = partitions.some(({ partUuid }) => partUuid === uuid) ? 'PARTUUID' : 'UUID';
  if (fstab.includes(`${kind}=${uuid}`)) return null;
  const gap = fstab === '' || fstab.endsWith('\n') ? '' : '\n';
  return `${fstab}${gap}${kind}=${uuid}\t${ESP_ON}\tvfat\tumask=0077\t0\t1\n`;
}
