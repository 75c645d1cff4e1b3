import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Outcome } from '../../lab/scenario/index.ts';
import { parse } from '../../src/core/index.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'lab', 'main.ts');
const TAIL = 4_000;

const LabReport = Type.Intersect([
  Outcome,
  Type.Object({
    ok: Type.Boolean(),
    totalMs: Type.Number(),
    stages: Type.Array(Type.Object({ title: Type.String() })),
  }),
]);

export interface LabRun {
  readonly exitCode: number | null;
  readonly report: ReturnType<typeof read>;
  /** The progress lines. */
  readonly progress: string;
  readonly directory: string;
}

function read(stdout: string, progress: string) {
  try {
    return parse(LabReport, JSON.parse(stdout), 'report of the lab');
  } catch (error) {
    throw new Error(`the lab gave no report: ${String(error)}\n${progress.slice(-TAIL)}`);
  }
}

/** `npm run lab -- --json ...` in a folder of its own, which the caller removes with `forget`. */
export async function labRun(args: readonly string[]): Promise<LabRun & { readonly forget: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'lab-test-'));
  const child = spawn(process.execPath, [MAIN, '--json', '--work-dir', directory, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', progress: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.progress += text;
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const { stdout, progress } = output;
  const forget = () => rm(directory, { recursive: true, force: true });
  return { exitCode, report: read(stdout, progress), progress, directory, forget };
}
