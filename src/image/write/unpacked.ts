import type { Slots } from '../../system/index.ts';
import { InvalidImage } from '../errors.ts';
import { announcedSize, type Compression } from '../format/index.ts';
import { type Download, unpack } from '../source/index.ts';
import type { WriteJob } from './job.ts';
import { checkFits, checkSectorSize, inspectHead } from './preflight.ts';
import { type PreparedImage, pouredInto } from './prepared.ts';
import { type FirstPiece, pourRaw } from './raw.ts';

interface Arrival {
  readonly slots: Slots;
  readonly first: FirstPiece;
  readonly kind: Compression;
}

/** A raw image that is unpacked on the way. How large it is shows only at its end, unless zstd announces it; the sink
 * watches for the end of the disk. @throws InvalidImage */
export async function prepareUnpacked(job: WriteJob, download: Download, arrival: Arrival): Promise<PreparedImage> {
  const { slots, first, kind } = arrival;
  const { ports, plan, target } = job;
  ports.log.info('image.unpacked', { image: plan.id, compression: kind });
  const announced = announcedSize(first.slot.subarray(0, first.length));
  const content = unpack(ports.log, download, kind, first.slot.subarray(0, first.length));
  slots.give(first.slot);
  try {
    const slot = await slots.take();
    const piece = { slot, length: await content.fill(slot) };
    const head = slot.subarray(0, piece.length);
    const decision = inspectHead(ports, plan, head);
    if (decision.decoder !== 'raw')
      throw InvalidImage(
        `the ${kind}-compressed image ${plan.id} holds ${decision.name}, which cannot be read in order`,
        {
          hint: `provide the ${decision.name} file as it is, or a compressed raw image`,
        },
      );
    checkFits(Math.max(piece.length, announced ?? 0), target);
    checkSectorSize(head, target);
    return {
      ...{ format: decision.name, slots, wireTotal: download.total() },
      pour: async ({ sink, meter }) => {
        const source = { fill: (into: Uint8Array) => content.fill(into), received: download.received };
        return pouredInto(sink, await pourRaw(source, slots, sink, piece, meter));
      },
      close: () => content.close(),
    };
  } catch (error) {
    await content.close();
    throw error;
  }
}
