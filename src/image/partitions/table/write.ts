import { alignedMemory, type BlockDevice } from '../../../system/index.ts';
import { openForWriting } from '../../disk/index.ts';
import type { TablePart } from '../../gpt/index.ts';
import type { ImagePorts } from '../../ports.ts';
import type { Layout } from '../layout/index.ts';
import { type TableIds, tableWrites } from './bytes.ts';

async function put(device: BlockDevice, { offset, bytes }: TablePart): Promise<void> {
  const memory = alignedMemory(bytes.length);
  memory.set(bytes);
  await device.write(memory, offset);
  await device.sync();
}

/** Writes a new partition table to a disk that was made free: first blanks old marks where partitions will be, then the
 * backup, the front last. @throws ImageWriteError, BlockIoFailed */
export async function writeTable(ports: ImagePorts, layout: Layout, ids: TableIds, signal: AbortSignal): Promise<void> {
  const { blank, parts } = tableWrites(layout, ids);
  const zeros = alignedMemory(Math.max(...blank.map(({ length }) => length)));
  const device = await openForWriting(ports, layout.disk.path, signal);
  try {
    for (const { offset, length } of blank) {
      signal.throwIfAborted();
      await device.write(zeros.subarray(0, length), offset);
    }
    await device.sync();
    for (const part of parts) await put(device, part);
  } finally {
    await device.close();
  }
}
