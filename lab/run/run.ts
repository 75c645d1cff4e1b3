import { join } from 'node:path';
import { reasonOf } from '../../src/core/index.ts';
import type { BootedOs, ConductorView, Failure, LabSpec, Outcome } from '../scenario/index.ts';
import { diskReason, lastAgentLines, unpackAgentLogs } from './agent-logs.ts';
import { proveBoot } from './boot-proof.ts';
import { runEmbedded } from './embedded.ts';
import { readInventory } from './inventory.ts';
import type { Found, Ports, Run } from './ports.ts';
import { runRealIronic } from './real-ironic/index.ts';
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
  const node = await (spec.conductor === 'ironic' ? runRealIronic : runEmbedded)(bench, spec, run, signal);
  if (spec.until !== 'deploy') return null;
  const boots = async (title: string) => {
    run.ports.timeline.stage('os', title);
    const os = await proveBoot(bench.machine, spec, signal);
    run.ports.timeline.end();
    return os;
  };
  const first = await boots('Start the deployed system');
  if (!spec.rescue || node === null) return first;
  await node.rescueAndReturn(signal);
  return boots('Start the deployed system again');
}

const nothingYet = (): Found => ({
  inventory: null,
  deployResult: null,
  agent: null,
  node: null,
  rescued: null,
  restarted: null,
  locked: null,
});

interface Attempt {
  readonly os: BootedOs | null;
  readonly error: unknown;
}

function conductorView({ found }: Run): ConductorView | null {
  if (found.agent === null && found.node === null) return null;
  return { agent: found.agent, ...(found.node ?? { properties: {}, ports: [] }) };
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
    conductor: conductorView(run),
    rescued: run.found.rescued,
    restarted: run.found.restarted,
    locked: run.found.locked,
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
  const run: Run = {
    ports,
    states: [],
    logs: {},
    found: nothingYet(),
    cleanup: [],
  };
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
      // Conductors first: to one that still looks, a server that goes off is a failure.
      for (const cleanup of run.cleanup.reverse()) await cleanup().catch(() => undefined);
      await bench.stop();
    },
  };
}
