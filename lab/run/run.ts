import { join } from 'node:path';
import { reasonOf } from '../../src/core/index.ts';
import type { BootedOs, Failure, LabSpec, Outcome } from '../scenario/index.ts';
import { diskReason, lastAgentLines, unpackAgentLogs } from './agent-logs.ts';
import { proveBoot } from './boot-proof.ts';
import { runEmbedded } from './embedded.ts';
import { readInventory } from './inventory.ts';
import type { Ports, Run } from './ports.ts';
import { runRealIronic } from './real-ironic.ts';
import { type Bench, createBench } from './server.ts';
import { readWritten } from './written.ts';

async function screenshotOf(bench: Bench, spec: LabSpec): Promise<string | null> {
  if (bench.machine.state() === 'off') return null;
  const path = join(spec.workDir, 'screen.png');
  return bench.machine.screenshot(path).then(
    () => path,
    () => null,
  );
}

/** The agent's log reaches the lab in three ways; the first one that has something wins. */
function agentLines(journal: string, serial: readonly string[]): readonly string[] {
  const own = lastAgentLines(journal);
  return own.length > 0 ? own : serial.filter((line) => line.trim() !== '').slice(-15);
}

async function provision(bench: Bench, spec: LabSpec, run: Run, signal: AbortSignal): Promise<BootedOs | null> {
  const work = spec.conductor === 'ironic' ? runRealIronic : runEmbedded;
  await work(bench, spec, run, signal);
  if (spec.until !== 'deploy') return null;
  run.ports.timeline.stage('os', 'Start the deployed system');
  const os = await proveBoot(bench.machine, spec, signal);
  run.ports.timeline.end();
  return os;
}

interface Attempt {
  readonly os: BootedOs | null;
  readonly error: unknown;
}

async function outcomeOf(attempt: Attempt, bench: Bench, spec: LabSpec, run: Run): Promise<Outcome> {
  const { journal, deployResult } = await unpackAgentLogs(run.logs.agent ?? spec.workDir);
  const failure: Failure | null =
    attempt.error === null
      ? null
      : {
          reason: reasonOf(attempt.error),
          agentLog: [...agentLines(journal, bench.machine.serial.lines())],
          screenshot: await screenshotOf(bench, spec),
        };
  return {
    inventory: readInventory(run.found.inventory),
    image: readWritten(run.found.deployResult ?? deployResult, spec.image, diskReason(journal)),
    os: attempt.os,
    failure,
    states: run.states,
    logs: { serial: bench.machine.serialPath, lab: join(spec.workDir, 'lab.log'), ...run.logs },
  };
}

export interface Finished {
  readonly outcome: Outcome;
  readonly bench: Bench;
  /** Ends everything that still runs. */
  stop(): Promise<void>;
}

/** One whole run inside the private network. Failures are part of the outcome; only a broken host throws. */
export async function runLab(spec: LabSpec, ports: Ports, signal: AbortSignal): Promise<Finished> {
  ports.timeline.stage('server', 'Set network and server up');
  const bench = await createBench(spec, ports.log, signal);
  const run: Run = { ports, states: [], logs: {}, found: { inventory: null, deployResult: null }, cleanup: [] };
  const attempt = await provision(bench, spec, run, signal).then(
    (os): Attempt => ({ os, error: null }),
    (error: unknown): Attempt => {
      ports.timeline.fail(reasonOf(error));
      return { os: null, error };
    },
  );
  const outcome = await outcomeOf(attempt, bench, spec, run);
  return {
    outcome,
    bench,
    stop: async () => {
      await bench.stop();
      for (const cleanup of run.cleanup.reverse()) await cleanup().catch(() => undefined);
    },
  };
}
