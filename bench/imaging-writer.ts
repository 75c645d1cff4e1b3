/** Child of the imaging measurement: writes one image with the real pipeline and reports what it cost. */
import { type Log, silentLog, tellNobody } from '../src/core/index.ts';
import { planImage, writeImage } from '../src/image/index.ts';
import { createFiles, createTools, systemClock } from '../src/system/index.ts';

async function measure([url = '', format = '', algorithm = '', digest = '', path = '', size = '']: readonly string[]) {
  const plan = planImage(
    { id: 'bench', urls: [url], disk_format: format, os_hash_algo: algorithm, os_hash_value: digest },
    {
      connectionTimeoutMs: 60_000,
      retries: 0,
      retryIntervalMs: 1000,
      maxDurationMs: 0,
      md5Enabled: false,
      permittedFormats: ['raw', 'gpt', 'qcow2'],
      deepInspection: true,
      configDriveAsFat: false,
      espMib: 550,
      biosBootMib: 1,
      partitionLooks: 3,
      unpack: 'always',
      convert: { memoryBytes: 2 ** 31, attempts: 1 },
      tls: { cafile: null, certfile: null, keyfile: null, insecure: true, minVersion: '1.2', ciphers: null },
      proxies: {},
      server: { strategy: 'noauth', user: null, password: null },
    },
  );
  const events: Record<string, unknown> = {};
  const note = (event: string, fields?: unknown) => {
    if (event.startsWith('image.decode.')) events[event] = fields;
  };
  const log: Log = { ...silentLog, info: note, warn: note };
  const ports = { tools: createTools(silentLog), files: createFiles(), clock: systemClock, log };
  const target = { path, size: Number(size), logicalSectorBytes: 512 };
  const hooks = { beforeFirstWrite: () => Promise.resolve(target) };
  /** What starting the program cost is not part of writing an image: the agent runs already. */
  const startCpu = process.cpuUsage();
  const began = performance.now();
  await writeImage(ports, plan, target, hooks, tellNobody, new AbortController().signal);
  return {
    wallMs: performance.now() - began,
    startCpuMs: (startCpu.user + startCpu.system) / 1000,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    events,
  };
}

const order = process.argv.slice(2);
/** The build tries every program that it makes with this flag. */
if (order[0] === '--version') console.log('imaging-writer');
else void measure(order).then((result) => console.log(JSON.stringify(result)));
