import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentError, createSecrets, reasonOf } from '../src/core/index.ts';
import { createLog, systemClock } from '../src/system/index.ts';
import {
  helpText,
  type LabOptions,
  LabUsage,
  type Outcome,
  prepare,
  type Report,
  readOptions,
  runInside,
} from './scenario/index.ts';
import { createDisplay, type Display, summaryText } from './show/index.ts';
import { createTimeline } from './timeline/index.ts';

/** `npm start` and `npm run lab`: prepares everything, runs the lab in a private network, shows what happens. */

const NOTHING: Omit<Outcome, 'failure'> = {
  inventory: null,
  image: null,
  os: null,
  conductor: null,
  rescued: null,
  restarted: null,
  locked: null,
  states: [],
  logs: {},
};

function reportOf(outcome: Outcome, display: Display, started: number, workDir: string): Report {
  const now = systemClock.now();
  const stages = display.stages().map(({ title, startedAt, endedAt, failed }) => ({
    title,
    ms: (endedAt ?? now) - startedAt,
    failed,
  }));
  return { ...outcome, ok: outcome.failure === null, stages, totalMs: now - started, workDir };
}

function onSignals(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort(new Error(`got ${name}`)));
  return stopping.signal;
}

const keptText = (path: string, console: boolean) =>
  `\nThe server stays on; console log: ${path}. ${console ? 'Ctrl-] leaves its console and' : 'Ctrl-C'} ends it.\n`;

/** Runs everything; `tell` gets the outcome once, before a kept server is waited for. */
async function run(
  options: LabOptions,
  display: Display,
  tell: (outcome: Outcome, workDir: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const log = createLog({ debug: options.debug, format: 'text', secrets: createSecrets() });
  const quiet = options.debug ? log : { ...log, info: () => undefined };
  const timeline = createTimeline(display.event, systemClock.now);
  const told = { outcome: false };
  try {
    const spec = await prepare(options, { timeline, log: quiet }, signal);
    const watcher = {
      event: display.event,
      outcome: (outcome: Outcome) => {
        told.outcome = true;
        tell(outcome, spec.workDir);
      },
      kept: (path: string) => process.stderr.write(keptText(path, options.console)),
    };
    await runInside(spec, { watcher, useTerminal: options.console, log: quiet }, signal);
  } catch (error) {
    if (told.outcome) throw error;
    timeline.fail(reasonOf(error));
    const failure = { reason: reasonOf(error), agentLog: [], screenshot: null };
    tell({ ...NOTHING, failure }, options.workDir ?? '');
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(helpText());
    return;
  }
  const started = systemClock.now();
  const display = createDisplay(options.json ? process.stderr : process.stdout, systemClock);
  const tell = (outcome: Outcome, workDir: string) => {
    display.end();
    const report = reportOf(outcome, display, started, workDir);
    if (workDir !== '') writeFileSync(join(workDir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : summaryText(report));
    process.exitCode = report.ok ? 0 : 1;
  };
  await run(options, display, tell, onSignals());
}

await main().catch((error: unknown) => {
  process.stderr.write(`lab: ${reasonOf(error)}\n`);
  process.exitCode = LabUsage.is(error) ? 2 : 1;
  if (!(error instanceof AgentError)) throw error;
});
