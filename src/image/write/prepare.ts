import type { Slots } from '../../system/index.ts';
import { compressionOf, isUnpacked } from '../format/index.ts';
import { parseQcow2Header, pourQcow2, readGuestHead, readLayout } from '../qcow2/index.ts';
import type { Download } from '../source/index.ts';
import { prepareForeign } from './foreign.ts';
import type { WriteJob } from './job.ts';
import { checkFits, checkSectorSize, inspectHead, SNIFF_BYTES, TABLE_BYTES } from './preflight.ts';
import { nothingToClose, type PreparedImage, pouredInto } from './prepared.ts';
import { type FirstPiece, pourRaw } from './raw.ts';
import { tableReader } from './tables.ts';
import { prepareUnpacked } from './unpacked.ts';

async function prepareQcow2(
  job: WriteJob,
  download: Download,
  slots: Slots,
  first: FirstPiece,
  signal: AbortSignal,
): Promise<PreparedImage> {
  const head = first.slot.subarray(0, first.length);
  const fileBytes = first.length < slots.slotBytes ? first.length : download.total();
  const header = parseQcow2Header(head.subarray(0, SNIFF_BYTES), fileBytes);
  if (header.dirty) job.ports.log.warn('image.qcow2.dirty', { image: job.plan.id });
  checkFits(header.virtualSize, job.target);
  const tables = tableReader(job, download, head, signal);
  try {
    const layout = await readLayout(header, { fileBytes }, tables.read);
    checkSectorSize(await readGuestHead(layout, TABLE_BYTES, tables.read), job.target);
    job.ports.log.info('image.qcow2.layout', { ...header, pieces: layout.map.count });
    return {
      format: 'qcow2',
      slots,
      wireTotal: download.total(),
      pour: async ({ sink, meter }) => {
        const ports = { log: job.ports.log, slots, memory: job.memory, sink };
        return pouredInto(sink, await pourQcow2(download, layout, ports, first, meter));
      },
      close: nothingToClose,
    };
  } finally {
    tables.close();
  }
}

/** Receives the first piece and checks everything that can be known before the first write (imaging 2.4, 10.3).
 * @throws InvalidImage, and download errors; nothing has been written then */
export async function prepareImage(
  job: WriteJob,
  download: Download,
  slots: Slots,
  signal: AbortSignal,
): Promise<PreparedImage> {
  const slot = await slots.take();
  const first = { slot, length: await download.fill(slot) };
  const head = slot.subarray(0, first.length);
  const kind = compressionOf(head);
  if (kind !== null && isUnpacked(job.plan.settings.unpack, job.plan.declaredFormat, job.plan.urls))
    return prepareUnpacked(job, download, { slots, first, kind });
  if (kind !== null) job.ports.log.warn('image.compressed', { image: job.plan.id, compression: kind });
  const decision = inspectHead(job.ports, job.plan, head);
  if (decision.decoder === 'qcow2') return prepareQcow2(job, download, slots, first, signal);
  if (decision.decoder === 'qemu')
    return prepareForeign(job, download, { slots, first, format: decision.name }, signal);
  const wireTotal = download.total();
  checkFits(Math.max(wireTotal ?? 0, first.length), job.target);
  checkSectorSize(head, job.target);
  return {
    ...{ format: decision.name, slots, wireTotal },
    pour: async ({ sink, meter }) => pouredInto(sink, await pourRaw(download, slots, sink, first, meter)),
    close: nothingToClose,
  };
}
