import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../kit/index.ts';
import { firmwarePackages } from './base-packages.ts';
import { element, script } from './element.ts';
import { cleanEnvironment, type Job } from './job.ts';
import { declaredCommands, plainPackages } from './packages.ts';
import { runPrivately } from './private.ts';
import { removeTree } from './remove-tree.ts';
import { sourceLines } from './sources.ts';

const quick = '-comp zstd -Xcompression-level 3 -b 256K';
const components = 'main,non-free-firmware';

function packagesOf(job: Job): readonly string[] {
  const firmware = job.variables.IPA_DEBIAN_NONFREE === '0' ? [] : firmwarePackages;
  return [...plainPackages(declaredCommands()), 'linux-image-amd64', ...firmware];
}

/** What a package's scripts need to know; documents are not even unpacked. */
function mmdebstrapArguments(job: Job, root: string): readonly string[] {
  const settings = readFileSync(job.aptConf, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return [
    '--mode=root',
    '--variant=essential',
    `--components=${components}`,
    `--include=${packagesOf(job).join(',')}`,
    '--dpkgopt=path-exclude=/usr/share/man/*',
    '--dpkgopt=path-exclude=/usr/share/locale/*',
    ...settings.map((line) => `--aptopt=${line}`),
    job.release,
    root,
    ...sourceLines(job.mirrors, job.release, components).map((line) => line.replace(/^[a-z]+:/, '')),
  ];
}

/**
 * Makes the parts by mmdebstrap and the element's own scripts: the same root, sooner, compressed less. What
 * diskimage-builder does between the phases is done here.
 */
export async function buildByMmdebstrap(job: Job): Promise<void> {
  const root = join(job.work, 'root');
  const data = join(job.work, 'data');
  const env = { ...cleanEnvironment(job), INITRD: 'No', TMPDIR: job.work, DEBIAN_FRONTEND: 'noninteractive' };
  job.tell(`mmdebstrap ${job.release}`);
  await runPrivately('mmdebstrap', mmdebstrapArguments(job, root), { env, timeoutMs: 1_800_000 });

  mkdirSync(data);
  cpSync(join(element, 'agent-ramdisk'), data, { recursive: true });
  const ca = job.variables.DIB_IPA_CA_FILE;
  if (ca !== undefined && existsSync(ca)) copyFileSync(ca, join(data, 'ca.crt'));
  cpSync(join(element, 'static'), root, { recursive: true });
  copyFileSync(job.agent, join(root, 'usr/bin/ironic-node-agent'));

  const pack = { ...env, DIB_IRONIC_NODE_AGENT_SQUASHFS: job.variables.DIB_IRONIC_NODE_AGENT_SQUASHFS ?? quick };
  await run(script('configure-root'), [root, data], { env });
  await run(script('prune-root'), [root, data], { env });
  job.tell(await run(script('check-root'), [root, data], { env }));
  await run(script('pack-base'), [root, job.base], { env: pack });
  removeTree(root);
}
