import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'rolldown';
import { BuildFailed, root } from '../kit/index.ts';

const stub = (name: string) => join(import.meta.dirname, 'stubs', `${name}.cjs`);

/** fastify's default compilers are never reached (toolchain 4.2): without them the program starts sooner. The others
 * serve what the agent does not use: injected requests and the versions of plug-ins in fastify, spans in prom-client. */
const alias = {
  '@fastify/ajv-compiler': stub('ajv-compiler'),
  '@fastify/fast-json-stringify-compiler': stub('fast-json-stringify-compiler'),
  '@opentelemetry/api': stub('never-called'),
  'light-my-request': stub('never-called'),
  semver: stub('never-called'),
};

/**
 * One minified CommonJS file without imports other than Node's own modules: only such a file profits from the code
 * cache. Any warning ends the build, since an unresolved import would fail on the server, not here.
 */
async function bundleFile(input: string, file: string): Promise<void> {
  const warnings: string[] = [];
  await build({
    input,
    cwd: root,
    platform: 'node',
    resolve: { alias },
    // Constants that libraries look at; fixed, so that no build machine leaks in.
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    onLog: (level, log) => {
      if (level === 'warn') warnings.push(log.message);
    },
    output: { file, format: 'cjs', codeSplitting: false, minify: true, comments: false, exports: 'named' },
  });
  if (warnings.length > 0) throw new BuildFailed(`bundling ${input}:\n${warnings.join('\n')}`);
}

export interface Bundle {
  readonly main: string;
  /** Asset name to file, both relative to the folder of the bundle. */
  readonly assets: Readonly<Record<string, string>>;
}

/**
 * Bundles `entry` to `<folder>/main.cjs`, and every `*.worker.ts` of the sources to an asset of its own: `hash.worker.ts`
 * becomes asset `hash.worker.js`, started by `new Worker(sea.getAsset('hash.worker.js', 'utf8'), { eval: true })`.
 */
export async function bundle(entry: string, folder: string): Promise<Bundle> {
  await bundleFile(entry, join(folder, 'main.cjs'));
  const assets: Record<string, string> = {};
  for (const worker of globSync('src/**/*.worker.ts', { cwd: root }).sort()) {
    const name = `${basename(worker, '.ts')}.js`;
    if (assets[name] !== undefined) throw new BuildFailed(`two workers are called ${name}: rename one`);
    await bundleFile(join(root, worker), join(folder, name));
    assets[name] = name;
  }
  return { main: 'main.cjs', assets };
}
