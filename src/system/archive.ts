export interface ArchiveMember {
  readonly name: string;
  readonly data: Uint8Array;
}

/** A gzip-compressed tar of plain files (mode 0644, owner 0) stamped `at` (milliseconds since the epoch). */
export async function packTarGz(members: readonly ArchiveMember[], at: number): Promise<Uint8Array> {
  // Loaded at first use: most runs of the agent never pack anything.
  const [{ pack }, { createGzip }] = await Promise.all([import('tar-stream'), import('node:zlib')]);
  const tar = pack();
  const packed = tar.pipe(createGzip({ level: 6 }));
  tar.on('error', (error: Error) => packed.destroy(error));
  for (const { name, data } of members)
    tar.entry(
      { name, mode: 0o644, uid: 0, gid: 0, mtime: new Date(at) },
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    );
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of packed) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks);
}
