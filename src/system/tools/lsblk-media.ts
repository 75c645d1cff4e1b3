import { Type } from 'typebox';
import { parse } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Labels = Type.Object({
  blockdevices: Type.Array(Type.Object({ kname: Type.String(), label: Text, fstype: Text })),
});
const facts = {
  bin: 'lsblk',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'reads',
  timeoutMs: 60_000,
} as const;

const filled = (value: string | null | undefined) => (value === undefined || value === '' ? null : value);

/** A block device and the file system on it, as far as it is known. */
export interface LabelRow {
  /** `/dev/sr0` */
  readonly device: string;
  readonly label: string | null;
  readonly fsType: string | null;
}

/** Label and type of every file system on a block device (protocol.md 2.5). */
export const lsblkLabels = defineTool({
  ...facts,
  argv: () => ['-bpa', '--json', '-oKNAME,LABEL,FSTYPE'],
  parse: (out): readonly LabelRow[] =>
    parse(Labels, JSON.parse(out.stdout), 'lsblk').blockdevices.map(({ kname, label, fstype }) => ({
      device: kname,
      label: filled(label),
      fsType: filled(fstype),
    })),
});

/** One device of a chain: the device asked for, then what it stands on. */
export interface LineageRow {
  readonly device: string;
  /** `usb`, `sata`, ... */
  readonly tran: string | null;
  /** `disk`, `part`, `rom`, ... */
  readonly type: string | null;
  readonly bytes: number | null;
}

const pairsOf = (line: string): ReadonlyMap<string, string> =>
  new Map([...line.matchAll(/([A-Z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));

/**
 * A device and its parents, up to the hardware (protocol.md 2.6). In pairs: the flat JSON list is sorted by name, and
 * the order matters.
 */
export const lsblkLineage = defineTool({
  ...facts,
  argv: (i: { readonly device: string }) => ['-nspbP', '-oKNAME,TRAN,TYPE,SIZE', i.device],
  parse: (out): readonly LineageRow[] =>
    out.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const of = pairsOf(line);
        const size = of.get('SIZE') ?? '';
        return {
          device: of.get('KNAME') ?? '',
          tran: filled(of.get('TRAN')),
          type: filled(of.get('TYPE')),
          bytes: /^\d+$/.test(size) ? Number(size) : null,
        };
      }),
});
