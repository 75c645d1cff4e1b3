import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { isFilledWith } from './disk-image.ts';
import { type ImageServer, startImageServer } from './image-server.ts';
import { createLoopDisk, type LoopDisk, type LoopDiskOptions } from './loop-disk.ts';

/** A folder, a web server and, for each test, a disk. */
export interface ImageStage {
  readonly dir: string;
  /** @throws Error before the first test */
  server(): ImageServer;
  /** Closed after the test. */
  newDisk(options?: Partial<LoopDiskOptions>): LoopDisk;
}

/** Sets the stage for the tests of the calling file and takes it down after them. @param bytes of a disk when a test does not say */
export function imageStage(bytes: number): ImageStage {
  const dir = mkdtempSync(join(tmpdir(), 'image-stage-'));
  let server: ImageServer | null = null;
  let disk: LoopDisk | null = null;
  beforeAll(async () => {
    server = await startImageServer();
  });
  afterAll(async () => {
    await server?.close();
    rmSync(dir, { recursive: true, force: true });
  });
  afterEach(() => {
    disk?.close();
    disk = null;
  });
  return {
    dir,
    server() {
      if (server === null) throw new Error('the server starts with the first test');
      return server;
    },
    newDisk(options = {}) {
      disk = createLoopDisk({ bytes, ...options });
      return disk;
    },
  };
}

export const isBlank = (bytes: Uint8Array): boolean => isFilledWith(bytes, 0);
/** A disk of the kit is full of ones before anything is written. */
export const isUntouched = (bytes: Uint8Array): boolean => isFilledWith(bytes, 0xff);
