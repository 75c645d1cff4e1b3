import type { ForeignFormat } from '../format/index.ts';
import type { ForeignLayout, ReadAt } from './fields.ts';
import { inspectVdi } from './vdi.ts';
import { inspectVhd } from './vhd.ts';
import { inspectVhdx } from './vhdx.ts';
import { inspectVmdk } from './vmdk.ts';

type Inspect = (read: ReadAt, fileBytes: number) => Promise<ForeignLayout>;

const inspections: Readonly<Record<ForeignFormat, Inspect>> = {
  vmdk: inspectVmdk,
  vhd: inspectVhd,
  vhdx: inspectVhdx,
  vdi: inspectVdi,
};

/** Refuses what is damaged, or needs or names another file, before any other program sees it (imaging 2.4).
 * @throws InvalidImage */
export const inspectForeign = (format: ForeignFormat, read: ReadAt, fileBytes: number): Promise<ForeignLayout> =>
  inspections[format](read, fileBytes);
