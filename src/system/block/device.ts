import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { MiB } from '../../core/index.ts';
import { BlockIoFailed, DeviceBusy } from './errors.ts';

/** With the page cache in the way, written data is pushed out this often, so that the final sync stays short. */
const FLUSH_EVERY = 32 * MiB;

/** Byte access to one disk or partition. With `direct`, offset, length and address must be sector-aligned. */
export interface BlockDevice {
  readonly path: string;
  /** False when the device refused O_DIRECT and the page cache is used. */
  readonly direct: boolean;
  /** Writes all of `data`. @throws BlockIoFailed, also when the device ends before the data does */
  write(data: Uint8Array, offset: number): Promise<void>;
  /** Fills `into`; returns fewer bytes only at the end of the device. */
  read(into: Uint8Array, offset: number): Promise<number>;
  /** fdatasync: data and the device's own cache. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly mode: 'read' | 'write';
  /** Default true; falls back to buffered access where the device refuses. */
  readonly direct?: boolean;
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '');

function ioFailure(verb: string, path: string, error: unknown, at?: number) {
  const where = at === undefined ? '' : ` at byte ${at}`;
  const reason = error instanceof Error ? error.message : String(error);
  const hint = codeOf(error) === 'EIO' ? { hint: 'the device reports a hardware error; check its SMART data' } : {};
  return BlockIoFailed(`cannot ${verb} ${path}${where}: ${reason}`, { cause: error, ...hint });
}

async function openFlags(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (error) {
    if (codeOf(error) === 'EBUSY')
      throw DeviceBusy(`${path} is in use by a mount, an array, a volume group or another program`, { cause: error });
    throw error;
  }
}

/** O_EXCL on a block device means: nobody else (mount, md, dm) may hold it, now or while we do. */
async function openHandle(path: string, options: OpenOptions): Promise<{ handle: FileHandle; direct: boolean }> {
  const base = options.mode === 'write' ? constants.O_RDWR | constants.O_EXCL : constants.O_RDONLY;
  if (options.direct !== false) {
    try {
      return { handle: await openFlags(path, base | constants.O_DIRECT), direct: true };
    } catch (error) {
      if (codeOf(error) !== 'EINVAL') throw error;
    }
  }
  return { handle: await openFlags(path, base), direct: false };
}

/** An open handle as a device. */
export function deviceOn(path: string, handle: FileHandle, direct: boolean): BlockDevice {
  let unflushed = 0;
  return {
    path,
    direct,
    async write(data, offset) {
      for (let done = 0; done < data.length; ) {
        const left = data.length - done;
        const { bytesWritten } = await handle.write(data, done, left, offset + done).catch((error: unknown) => {
          throw ioFailure('write to', path, error, offset + done);
        });
        if (bytesWritten === 0) throw ioFailure('write to', path, 'the device ends here', offset + done);
        done += bytesWritten;
      }
      unflushed += direct ? 0 : data.length;
      if (unflushed >= FLUSH_EVERY) {
        unflushed = 0;
        await handle.datasync();
      }
    },
    async read(into, offset) {
      let done = 0;
      while (done < into.length) {
        const { bytesRead } = await handle
          .read(into, done, into.length - done, offset + done)
          .catch((error: unknown) => {
            throw ioFailure('read', path, error, offset + done);
          });
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done;
    },
    sync: () =>
      handle.datasync().catch((error: unknown) => {
        throw ioFailure('flush', path, error);
      }),
    close: () => handle.close(),
  };
}

/** Opens a disk or partition; for writing exclusively. @throws DeviceBusy, BlockIoFailed */
export async function openBlockDevice(path: string, options: OpenOptions): Promise<BlockDevice> {
  const { handle, direct } = await openHandle(path, options).catch((error: unknown) => {
    throw DeviceBusy.is(error) ? error : ioFailure('open', path, error);
  });
  return deviceOn(path, handle, direct);
}

/** Reads `length` bytes at `offset` through the page cache: small looks at a disk, any alignment. */
export async function readFromDevice(path: string, offset: number, length: number): Promise<Uint8Array> {
  const device = await openBlockDevice(path, { mode: 'read', direct: false });
  try {
    const into = new Uint8Array(length);
    return into.subarray(0, await device.read(into, offset));
  } finally {
    await device.close();
  }
}
