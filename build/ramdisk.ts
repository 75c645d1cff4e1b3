/** `npm run ramdisk`: kernel and initramfs in dist/. */
import { parseArgs } from 'node:util';
import { BuildFailed } from './kit/index.ts';
import { buildRamdisk, megabytes } from './ramdisk/index.ts';

const usage = `usage: npm run ramdisk [-- OPTIONS]

Writes dist/ironic-node-agent.kernel and dist/ironic-node-agent.initramfs by diskimage-builder and the element
dib-elements/ironic-node-agent-ramdisk. What did not change is taken from .cache/ramdisk.

  --release NAME   Debian release inside (default: DIB_RELEASE, else bookworm)
  --output FOLDER  where to write (default: dist)
  --fast           mmdebstrap and quick compression: for a developer's loop, a third larger
  --rebuild        fetch the packages anew, for instance to take security updates

The element's README lists the variables (DIB_..., IPA_...) that shape the image.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      release: { type: 'string', default: process.env.DIB_RELEASE ?? 'bookworm' },
      output: { type: 'string' },
      fast: { type: 'boolean', default: false },
      rebuild: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  const made = await buildRamdisk({
    release: values.release,
    fast: values.fast,
    rebuild: values.rebuild,
    ...(values.output === undefined ? {} : { folder: values.output }),
    tell: (text) => console.log(`[${seconds()}] ${text}`),
  });
  const how = made.built ? `built in ${seconds()}` : 'unchanged';
  for (const path of [made.kernel, made.initramfs]) console.log(`${path}: ${megabytes(path)} MB, ${how}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof BuildFailed) && !(error instanceof TypeError && 'code' in error)) throw error;
  console.error(`ramdisk: ${error.message}`);
  process.exitCode = 1;
}
