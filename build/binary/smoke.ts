import { execa } from 'execa';
import { BuildFailed } from '../kit/index.ts';

/**
 * Starts the executable with an empty environment. Anything on standard error is a fault: Node says there, for
 * instance, that it rejected the code cache.
 */
export async function smokeTest(path: string): Promise<string> {
  const out = await execa(path, ['--version'], {
    env: {},
    extendEnv: false,
    reject: false,
    timeout: 30_000,
    stdin: 'ignore',
  });
  if (out.exitCode !== 0) throw new BuildFailed(`${path} --version exited ${out.exitCode}: ${out.stderr}`);
  if (out.stderr !== '') throw new BuildFailed(`${path} --version wrote to standard error: ${out.stderr}`);
  if (out.stdout.trim() === '') throw new BuildFailed(`${path} --version printed nothing`);
  return out.stdout.trim();
}
