import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';

/** Members of a tar.gz in their order; fails for anything but plain files of mode 0644 and owner 0. */
export async function unpack(archive: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const tar = extract();
  tar.end(gunzipSync(archive));
  for await (const entry of tar) {
    const { name, mode, uid, gid, type } = entry.header;
    if (mode !== 0o644 || uid !== 0 || gid !== 0 || type !== 'file') throw new Error(`${name} is not a plain file`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(chunk);
    found.set(name, Buffer.concat(chunks));
  }
  return found;
}
