/** `npm test`: every stage in the order of its cost; the counts of all suites at the end. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, root } from './kit/index.ts';

interface Stage {
  readonly name: string;
  readonly argv: readonly string[];
  /** vitest projects whose counts belong to the total. */
  readonly projects?: readonly string[];
}

const vitest = (name: string, projects: readonly string[]): Stage => ({
  name,
  argv: ['vitest', 'run', ...projects.flatMap((project) => ['--project', project])],
  projects,
});

const stages: readonly Stage[] = [
  { name: 'check', argv: ['npm', 'run', '--silent', 'check'] },
  vitest('unit and contract tests', ['unit', 'contract']),
  { name: 'single binary', argv: ['node', 'build/build.ts'] },
  vitest('loop devices and the binary', ['disks', 'binary']),
  { name: 'ramdisk', argv: ['node', 'build/ramdisk.ts'] },
  vitest('virtual servers', ['vm']),
];

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

function run(argv: readonly string[]): Promise<number> {
  const [bin = '', ...args] = argv;
  const child = spawn(bin, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** A suite that could not even be loaded counts as one failure, and so does a skipped test: what cannot run must fail. */
function countsOf(report: string): Counts {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const read: {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
    numFailedTestSuites: number;
  } = JSON.parse(readFileSync(report, 'utf8'));
  const failed = read.numFailedTests + read.numPendingTests + read.numTodoTests;
  return { passed: read.numPassedTests, failed: failed === 0 && read.numFailedTestSuites > 0 ? 1 : failed };
}

async function runStage(stage: Stage): Promise<Counts> {
  console.log(`\n== ${stage.name}`);
  if (stage.projects === undefined) {
    const code = await run(stage.argv);
    return { passed: 0, failed: code === 0 ? 0 : 1 };
  }
  const report = join(cache, 'reports', `${stage.projects.join('-')}.json`);
  rmSync(report, { force: true });
  const code = await run([...stage.argv, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  const counts = countsOf(report);
  return { ...counts, failed: code !== 0 && counts.failed === 0 ? 1 : counts.failed };
}

async function main(): Promise<void> {
  mkdirSync(join(cache, 'reports'), { recursive: true });
  const rows: { readonly name: string; readonly counts: Counts; readonly seconds: number }[] = [];
  for (const stage of stages) {
    const started = Date.now();
    const counts = await runStage(stage);
    rows.push({ name: stage.name, counts, seconds: (Date.now() - started) / 1000 });
    // What follows stands on what failed: stop, so that the first cause is the last thing on the screen.
    if (counts.failed > 0) break;
  }
  console.log('');
  for (const { name, counts, seconds } of rows)
    console.log(
      `${name.padEnd(30)} ${String(counts.passed).padStart(5)} passed ${counts.failed} failed  ${seconds.toFixed(0)} s`,
    );
  const passed = rows.reduce((sum, row) => sum + row.counts.passed, 0);
  const failed = rows.reduce((sum, row) => sum + row.counts.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
