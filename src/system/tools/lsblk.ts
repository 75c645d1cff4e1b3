import { Type } from 'typebox';
import { parse } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

/** Older util-linux prints every value as text, newer ones print typed values; both are accepted. */
const Text = Type.Union([Type.String(), Type.Null()]);
const Whole = Type.Union([Type.Integer(), Type.String(), Type.Null()]);
const Flag = Type.Union([Type.Boolean(), Type.Integer(), Type.String(), Type.Null()]);
const Row = Type.Object({
  kname: Type.String(),
  model: Type.Optional(Text),
  size: Whole,
  rota: Type.Optional(Flag),
  type: Text,
  uuid: Type.Optional(Text),
  partuuid: Type.Optional(Text),
  serial: Type.Optional(Text),
  wwn: Type.Optional(Text),
  'log-sec': Type.Optional(Whole),
  'phy-sec': Type.Optional(Whole),
  tran: Type.Optional(Text),
});
const Listing = Type.Object({ blockdevices: Type.Array(Row) });

export interface BlockRow {
  readonly kname: string;
  /** `disk`, `part`, `raid1`, `mpath`, `rom`, ...; empty when unknown. */
  readonly type: string;
  readonly model: string | null;
  readonly bytes: number;
  readonly rotational: boolean;
  readonly serial: string | null;
  readonly wwn: string | null;
  readonly logicalSectorBytes: number;
  readonly physicalSectorBytes: number;
  readonly tran: string | null;
}

const COLUMNS = 'KNAME,MODEL,SIZE,ROTA,TYPE,UUID,PARTUUID,SERIAL,WWN,LOG-SEC,PHY-SEC,TRAN';

const filled = (value: string | null | undefined) => {
  const text = value?.trim() ?? '';
  return text === '' ? null : text;
};
const whole = (value: number | string | null | undefined, fallback: number) => {
  const found = Number(value ?? Number.NaN);
  return Number.isSafeInteger(found) ? found : fallback;
};
const isOn = (value: boolean | number | string | null | undefined) =>
  value === true || value === 1 || value === '1' || value === 'true';

/** Every block device of the kernel, flat; a device with several parents appears several times (inventory 2.4). */
export const lsblkList = defineTool({
  bin: 'lsblk',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'reads',
  timeoutMs: 60_000,
  argv: () => ['-bia', '--json', `-o${COLUMNS}`],
  parse: (out): readonly BlockRow[] =>
    parse(Listing, JSON.parse(out.stdout), 'lsblk').blockdevices.map((row) => ({
      kname: row.kname,
      type: row.type ?? '',
      model: filled(row.model),
      bytes: whole(row.size, 0),
      rotational: isOn(row.rota),
      serial: filled(row.serial),
      wwn: filled(row.wwn),
      logicalSectorBytes: whole(row['log-sec'], 512),
      physicalSectorBytes: whole(row['phy-sec'], 512),
      tran: filled(row.tran),
    })),
});
