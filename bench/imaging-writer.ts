/** Child of the imaging measurement: writes one image with the real pipeline and reports what it cost. */
import { silentLog, tellNobody } from '../src/core/index.ts';
import { planImage, writeImage } from '../src/image/index.ts';
import { createFiles, createTools, systemClock } from '../src/system/index.ts';

const [url = '', format = '', algorithm = '', digest = '', path = '', size = ''] = process.argv.slice(2);

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
    tls: { cafile: null, certfile: null, keyfile: null, insecure: true, minVersion: '1.2', ciphers: null },
    server: { strategy: 'noauth', user: null, password: null },
  },
);
const ports = { tools: createTools(silentLog), files: createFiles(), clock: systemClock, log: silentLog };
const target = { path, size: Number(size), logicalSectorBytes: 512 };
const hooks = { beforeFirstWrite: () => Promise.resolve() };

/** What starting the program cost is not part of writing an image: the agent runs already. */
const startCpu = process.cpuUsage();
const began = performance.now();
await writeImage(ports, plan, target, hooks, tellNobody, new AbortController().signal);
const result = {
  wallMs: performance.now() - began,
  startCpuMs: (startCpu.user + startCpu.system) / 1000,
  peakRssMiB: process.resourceUsage().maxRSS / 1024,
};
console.log(JSON.stringify(result));
