import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

export interface ImageRegistry {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** `sha256:...` of the manifest of an image. */
  digestOf(name: string): string;
  close(): void;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** Serves images in OCI layout by their name, each under one tag, over plain HTTP. */
export async function startRegistry(layouts: Readonly<Record<string, string>>): Promise<ImageRegistry> {
  const digestOf = (name: string): string =>
    JSON.parse(readFileSync(join(layouts[name] ?? '', 'index.json'), 'utf8')).manifests[0].digest;
  const blob = (name: string, digest: string) => join(layouts[name] ?? '', 'blobs', digest.replace(':', '/'));
  const server = createServer((request, response) => {
    const [, name = '', kind, asked = ''] = /^\/v2\/([^/]+)\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
    if (kind === undefined) return void response.writeHead(200).end('{}');
    if (layouts[name] === undefined) return void response.writeHead(404).end('{}');
    const digest = kind === 'manifests' && !asked.startsWith('sha256:') ? digestOf(name) : asked;
    const path = blob(name, digest);
    if (!existsSync(path)) return void response.writeHead(404).end('{}');
    const data = readFileSync(path);
    const type = kind === 'manifests' ? MANIFEST : 'application/octet-stream';
    response.writeHead(200, {
      'content-type': type,
      'content-length': data.byteLength,
      'docker-content-digest': digest,
    });
    response.end(request.method === 'HEAD' ? undefined : data);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    host: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    digestOf,
    close: () => void server.close(),
  };
}
