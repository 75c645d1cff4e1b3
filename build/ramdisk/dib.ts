import { appendFileSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BuildFailed, cache } from '../kit/index.ts';
import { elementName, elements } from './element.ts';
import { cleanEnvironment, type Job } from './job.ts';
import { runPrivately } from './private.ts';
import { sourceLines } from './sources.ts';

const HOUR_MS = 3_600_000;
const components = 'main,non-free-firmware';

function environment(job: Job): Readonly<Record<string, string>> {
  const defaults = {
    ELEMENTS_PATH: elements,
    ARCH: 'amd64',
    DIB_RELEASE: job.release,
    DIB_DISTRIBUTION_MIRROR: job.mirrors.main,
    DIB_DEBIAN_COMPONENTS: components,
    DIB_APT_SOURCES_CONF: sourceLines(job.mirrors, job.release, components).join('\n'),
    DIB_APT_CONF: job.aptConf,
    DIB_IMAGE_CACHE: job.downloads,
    TMP_DIR: job.work,
    DIB_IRONIC_NODE_AGENT_BINARY: job.agent,
  };
  // Where the builder leaves the parts is ours to say; checksums are made after the last step.
  const fixed = { DIB_IRONIC_NODE_AGENT_BASE: job.base, DIB_CHECKSUM: '' };
  return { ...defaults, ...cleanEnvironment(job), ...fixed };
}

/** The lines that say what is going on; the rest is in the log. */
const stages = /Running hooks from .*\/([a-z-]+)\.d|^(check-root: .*)/;

/** Makes the parts by diskimage-builder, as an operator would. Its whole output goes to .cache/ramdisk/dib.log. */
export async function buildByDib(job: Job): Promise<void> {
  const log = join(cache, 'ramdisk', 'dib.log');
  copyFileSync('/dev/null', log);
  mkdirSync(job.downloads, { recursive: true });
  const args = ['-n', '-o', join(job.work, 'image'), 'apt-conf', 'debian-minimal', elementName];
  job.tell(`disk-image-create ${args.slice(3).join(' ')} (log: ${log})`);
  const onLine = (line: string) => {
    appendFileSync(log, `${line}\n`);
    const text = line.replace(/^\S+ \S+ \| /, '');
    const found = stages.exec(text);
    if (found !== null) job.tell(found[2] ?? `stage ${found[1]}`);
  };
  try {
    await runPrivately('disk-image-create', args, { env: environment(job), timeoutMs: HOUR_MS, cwd: job.work, onLine });
  } catch (error) {
    if (!(error instanceof BuildFailed)) throw error;
    throw new BuildFailed(`${error.message}\nthe whole output is in ${log}`);
  }
}
