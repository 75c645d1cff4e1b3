import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../test/kit/free-port.ts';
import { limitTo, type Measurement } from './measurement.ts';

const RUNS = 10;
const IDLE_MS = 3000;
const MB = 1_000_000;
const dist = join(import.meta.dirname, '../dist');
const binary = join(dist, 'ironic-node-agent');

interface Start {
  readonly firstAnswerMs: number;
  readonly cpuMs: number;
  /** Anonymous memory: what the process itself costs. */
  readonly privateMb: number;
  /** With the mapped pages of the binary. */
  readonly residentMb: number;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const ask = request({ host: '127.0.0.1', port, path: '/v1/status', agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    ask.on('error', () => resolve(false));
    ask.end();
  });
}

/** User and system time of a process so far (proc(5), stat; ticks of 10 ms). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function memoryOf(pid: number): Pick<Start, 'privateMb' | 'residentMb'> {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024) / MB;
  return { privateMb: of('Anonymous'), residentMb: of('Rss') };
}

async function startOnce(): Promise<Start> {
  const home = mkdtempSync('/tmp/bench-agent-');
  const port = await freePort();
  const flags = ['--listen_host', '127.0.0.1', '--listen_port', String(port), '--runtime_dir', join(home, 'run')];
  const began = performance.now();
  const child = spawn(binary, [...flags, '--disk_wait_attempts', '0'], {
    env: { PATH: process.env.PATH, HOME: home },
    stdio: 'ignore',
  });
  const pid = child.pid ?? 0;
  try {
    while (!(await answers(port))) await delay(1);
    const firstAnswerMs = performance.now() - began;
    const cpuMs = cpuOf(pid);
    await delay(IDLE_MS);
    return { firstAnswerMs, cpuMs, ...memoryOf(pid) };
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(home, { recursive: true });
  }
}

function sizes(): readonly Measurement[] {
  const initramfs = join(dist, 'ironic-node-agent.initramfs');
  if (!existsSync(initramfs)) throw new Error(`${initramfs} is missing; run: npm run ramdisk`);
  return [
    limitTo('binary on disk', statSync(binary).size / MB, 'MB', 120),
    limitTo('ramdisk, compressed, full tool set', statSync(initramfs).size / MB, 'MB', 100),
  ];
}

/** The finished binary: how soon it answers, what it costs, how large it and its ramdisk are. */
export async function measureAgent(): Promise<readonly Measurement[]> {
  const starts: Start[] = [];
  for (let i = 0; i < RUNS; i++) starts.push(await startOnce());
  const of = (pick: (start: Start) => number) => median(starts.map(pick));
  return [
    limitTo(
      'start to first answered /v1/status, wall',
      of((s) => s.firstAnswerMs),
      'ms',
      Number.POSITIVE_INFINITY,
    ),
    limitTo(
      'start to first answered /v1/status, CPU',
      of((s) => s.cpuMs),
      'ms',
      160,
    ),
    limitTo(
      'idle, private memory',
      of((s) => s.privateMb),
      'MB',
      30,
    ),
    limitTo(
      'idle, with the mapped pages of the binary that the kernel keeps while it can',
      of((s) => s.residentMb),
      'MB',
      Number.POSITIVE_INFINITY,
    ),
    ...sizes(),
  ];
}
