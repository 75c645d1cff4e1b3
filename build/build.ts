/** `npm run build`: the single executable in dist/. `--arch arm64` builds for the other architecture. */
import { parseArgs } from 'node:util';
import { type Arch, buildBinary, parseArch } from './binary/index.ts';
import { BuildFailed, root, run } from './kit/index.ts';

const usage = `usage: npm run build [-- --arch x64|arm64] [--entry FILE] [--output FOLDER]

Writes dist/ironic-node-agent (x64) or dist/ironic-node-agent-arm64, and dist/SHA256SUMS.
`;

function options() {
  const { values } = parseArgs({
    options: {
      arch: { type: 'string', default: process.arch },
      entry: { type: 'string' },
      output: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

/** The other architecture needs a strip program of its own. */
async function bringTools(arch: Arch): Promise<void> {
  if (arch === process.arch) return;
  await run(process.execPath, ['build/bootstrap.mjs', 'arm64'], { cwd: root });
}

async function main(): Promise<void> {
  const { arch: name, entry, output, help } = options();
  if (help) {
    process.stdout.write(usage);
    return;
  }
  const arch = parseArch(name);
  await bringTools(arch);
  const started = Date.now();
  const made = await buildBinary({
    arch,
    ...(entry === undefined ? {} : { entry }),
    ...(output === undefined ? {} : { folder: output }),
  });
  const how = made.built ? `built in ${((Date.now() - started) / 1000).toFixed(1)} s` : 'unchanged';
  console.log(`${made.path}: ${(made.bytes / 1e6).toFixed(1)} MB, ${how}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof BuildFailed) && !(error instanceof TypeError && 'code' in error)) throw error;
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}
