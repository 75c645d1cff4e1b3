import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { asExtra } from '../kit/extra-hook.ts';
import { startConductor } from '../kit/scripted-conductor.ts';

const binary = join(import.meta.dirname, '../../dist/ironic-node-agent');

it('the single executable measures on threads of its own', async () => {
  if (!existsSync(binary)) throw new Error(`${binary} is absent: run npm run build`);
  const conductor = await startConductor();
  try {
    conductor.script('inspection', { status: 200, json: {} });
    const flags = ['--inspection_collectors=extra-hardware', '--inspection_benchmarks=cpu'];
    const { stderr } = await execa(
      binary,
      ['inspect', `--inspection_callback_url=${conductor.url}/v1/continue`, ...flags],
      { env: { PATH: process.env.PATH ?? '' }, extendEnv: false, stdin: 'ignore' },
    );
    expect(stderr).not.toContain('extra_hardware.benchmark.failed');
    expect(stderr).toContain('extra_hardware.benchmark benchmark=cpu on="all CPUs"');
    const report: { readonly data?: unknown; readonly error?: unknown } = Object(
      (await conductor.nth('inspection', 1)).body,
    );
    expect(report.error).toBeNull();
    const { cpu } = asExtra(report.data);
    expect(cpu?.logical?.loops_per_sec).toBeGreaterThan(0);
  } finally {
    await conductor.close();
  }
});
