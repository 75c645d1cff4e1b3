import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface BenchImage {
  readonly name: string;
  readonly format: 'raw' | 'qcow2';
  readonly file: string;
  readonly url: string;
  readonly sha256: string;
}

/** Images, a web server and a disk for one measurement; removed by `close`. */
export interface Stage {
  readonly images: readonly BenchImage[];
  readonly scratch: string;
  readonly disk: string;
  readonly diskBytes: number;
  close(): void;
}

const GiB = 1024 ** 3;
const DATA = GiB;
const VIRTUAL = 1.5 * GiB;

const run = (bin: string, ...args: readonly string[]) => execFileSync(bin, args, { encoding: 'utf8' }).trim();

/** Programs and libraries of this machine: data as a root file system holds it. */
function realisticRaw(file: string): void {
  const script =
    'tar --create --exclude=*.gz --exclude=*.img usr/lib usr/bin usr/share 2>/dev/null | head -c "$1" > "$0"; test -s "$0"';
  execFileSync('sh', ['-c', script, file, String(DATA)], { cwd: '/' });
}

/** Beside the file, named for the program. */
const pack = (file: string, program: string) =>
  execFileSync('sh', ['-c', '"$1" --stdout "$0" > "$0.$1"', file, program]);

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A real web server, so that its cost is not ours and ranges work as in production. */
async function serveFolder(dir: string, port: number): Promise<() => void> {
  const conf = join(dir, 'nginx.conf');
  writeFileSync(
    conf,
    `daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events {} http { access_log off; sendfile on; client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p;
fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
server { listen 127.0.0.1:${port}; root ${dir}/www; } }`,
  );
  const server = spawn('nginx', ['-c', conf, '-p', dir], { stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  return () => void server.kill('SIGTERM');
}

export async function setUpStage(): Promise<Stage> {
  const dir = mkdtempSync('/tmp/bench-imaging-');
  const www = join(dir, 'www');
  mkdirSync(www);
  execFileSync('chmod', ['755', dir, www]);
  const raw = join(www, 'data.raw');
  const sparse = join(dir, 'sparse.raw');
  realisticRaw(raw);
  run('cp', raw, sparse);
  run('truncate', '--size', String(VIRTUAL), sparse);
  const qcow2 = (name: string, ...args: readonly string[]) =>
    run('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', ...args, sparse, join(www, name));
  qcow2('plain.qcow2');
  qcow2('deflate.qcow2', '-c', '-m', '4', '-W');
  qcow2('zstd.qcow2', '-c', '-m', '4', '-W', '-o', 'compression_type=zstd');
  rmSync(sparse);
  pack(raw, 'gzip');
  pack(raw, 'zstd');
  const port = await freePort();
  const stop = await serveFolder(dir, port);
  const names = ['data.raw', 'data.raw.gzip', 'data.raw.zstd', 'plain.qcow2', 'deflate.qcow2', 'zstd.qcow2'];
  const images = await Promise.all(
    names.map(async (name): Promise<BenchImage> => {
      const file = join(www, name);
      const format = name.endsWith('.qcow2') ? 'qcow2' : 'raw';
      return { name, format, file, url: `http://127.0.0.1:${port}/${name}`, sha256: await sha256Of(file) };
    }),
  );
  const backing = join(dir, 'disk');
  const diskBytes = 2 * GiB;
  const fd = openSync(backing, 'w');
  ftruncateSync(fd, diskBytes);
  closeSync(fd);
  run('fallocate', '--length', String(diskBytes), backing);
  const disk = run('losetup', '--find', '--show', '--direct-io=on', backing);
  const close = () => {
    stop();
    run('losetup', '--detach', disk);
    rmSync(dir, { recursive: true, force: true });
  };
  return { images, scratch: dir, disk, diskBytes, close };
}
