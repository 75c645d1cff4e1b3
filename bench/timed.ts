import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface Timed {
  readonly wallMs: number;
  /** User and system time of the program and all its children. */
  readonly cpuMs: number;
  readonly stdout: string;
}

/** Runs a program under time(1), which also counts what its children used. */
export async function timed(bin: string, args: readonly string[]): Promise<Timed> {
  const dir = mkdtempSync('/tmp/bench-time-');
  const report = join(dir, 'time');
  const began = performance.now();
  const child = spawn('/usr/bin/time', ['-o', report, '-f', '%U %S', bin, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const wallMs = performance.now() - began;
  const [user = 0, system = 0] = (readFileSync(report, 'utf8').trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  rmSync(dir, { recursive: true });
  if (code !== 0) throw new Error(`${bin} ${args.join(' ')} exited ${code}`);
  return { wallMs, cpuMs: (user + system) * 1000, stdout };
}

/** The least disturbed of several runs: lowest CPU, lowest wall time. */
export function best<T extends Timed>(runs: readonly T[]): { readonly wallMs: number; readonly cpuMs: number } {
  return {
    wallMs: Math.min(...runs.map((run) => run.wallMs)),
    cpuMs: Math.min(...runs.map((run) => run.cpuMs)),
  };
}
