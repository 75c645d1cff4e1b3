import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Conductor, type Goal, type PowerControl, startConductor } from '../conductor/index.ts';
import { waitFor } from '../host/index.ts';
import { makeConfigDrive } from '../images/index.ts';
import { portState } from '../network/index.ts';
import type { LabSpec } from '../scenario/index.ts';
import { KERNEL_ARGUMENTS, type Run } from './ports.ts';
import type { Bench } from './server.ts';
import { agentProbe, watching } from './watch.ts';

const GOALS: readonly Goal[] = ['inspect', 'clean', 'deploy'];
/** With fast track nothing forces a heartbeat between procedures, so they must come often. */
const HEARTBEAT_S = { normal: 300, fastTrack: 30 };
/** What a flavor would ask for around a partition image. */
const PARTITIONS = { root_gb: 1, swap_mb: 64, ephemeral_gb: 1, ephemeral_format: 'ext4' };
const CONDUCTOR_PORT = 6385;
const AGENT_PORT = 9999;
/** What the agent writes when it takes the links down. */
const LOCKED = /state +locked since.*links are down/;
const LOCK_MS = 60_000;

/** The console must say that the agent is locked, and the links must go down: not even a refusal comes back. */
async function proveLocked({ machine, network, macs }: Bench, signal: AbortSignal): Promise<string> {
  const [line] = await machine.waitForSerial(LOCKED, LOCK_MS, signal);
  const leases = (await network.leases()).filter(({ mac }) => macs.includes(mac));
  for (const { address } of leases) {
    const silent = async () => ((await portState(address, AGENT_PORT)) === 'silent' ? true : null);
    const wait = { what: `silence of ${address}, which is locked`, timeoutMs: LOCK_MS, everyMs: 1_000 };
    await waitFor(silent, wait, signal);
  }
  return line;
}

function powerOf(bench: Bench, run: Run, signal: AbortSignal): PowerControl {
  const { machine, network, urls } = bench;
  return {
    state: async () => machine.state(),
    off: () => machine.powerOff('hard'),
    bootRamdisk: async (append) => {
      await network.writeBootScript({ kernel: urls.kernel, initramfs: urls.initramfs, append });
      await machine.powerOn('network');
    },
    bootDisk: async () => {
      if (machine.state() === 'on') {
        run.found.locked = await proveLocked(bench, signal);
        await machine.powerOff('hard');
      }
      await machine.powerOn('disk');
    },
  };
}

async function enrol(conductor: Conductor, bench: Bench, spec: LabSpec, signal: AbortSignal): Promise<string> {
  const uuid = randomUUID();
  conductor.enrol({
    uuid,
    name: 'server',
    macs: [...bench.macs],
    firmware: spec.firmware,
    properties: {
      cpu_arch: 'x86_64',
      capabilities: `boot_mode:${spec.firmware}`,
      ...(spec.hints === null ? {} : { root_device: spec.hints }),
    },
    instance_info: {
      image_source: bench.urls.image,
      image_disk_format: spec.image.format,
      image_os_hash_algo: 'sha256',
      image_os_hash_value: spec.image.sha256,
      image_type: spec.image.partition ? 'partition' : 'whole-disk',
      ...(spec.image.partition ? PARTITIONS : {}),
    },
    driver_info: {},
    configdrive: await makeConfigDrive(spec.instance, signal),
  });
  return uuid;
}

const start = (bench: Bench, spec: LabSpec, run: Run, signal: AbortSignal) =>
  startConductor(
    {
      directory: join(spec.workDir, 'conductor'),
      host: bench.network.address,
      port: CONDUCTOR_PORT,
      apiVersion: spec.apiVersion,
      heartbeatTimeoutS: spec.fastTrack ? HEARTBEAT_S.fastTrack : HEARTBEAT_S.normal,
      fastTrack: spec.fastTrack,
      disablePowerOff: spec.disablePowerOff,
      cleanPriorities: { erase_devices: 0, erase_devices_metadata: 10 },
      collectors: ['default'],
      kernelArguments: `${KERNEL_ARGUMENTS}${spec.debug ? ' ipa-debug=1' : ''}`,
      callbackTimeoutMs: spec.bootTimeoutMs,
    },
    { power: () => powerOf(bench, run, signal), ...run.ports },
  );

/** A running agent can be used only after its first heartbeat. */
const agentPresent = (conductor: Conductor, uuid: string, signal: AbortSignal) =>
  waitFor(async () => conductor.agent(uuid), { what: 'first heartbeat of the agent', timeoutMs: 120_000 }, signal);

/** Inspect, clean and deploy under the embedded conductor. What was learned stays in `run`, also when it fails. */
export async function runEmbedded(bench: Bench, spec: LabSpec, run: Run, signal: AbortSignal): Promise<null> {
  const conductor = await start(bench, spec, run, signal);
  run.logs.conductor = join(spec.workDir, 'conductor', 'conductor.sqlite');
  run.logs.agent = join(spec.workDir, 'conductor', 'agent-logs');
  run.cleanup.push(() => conductor.stop());
  const uuid = await enrol(conductor, bench, spec, signal);
  const probes = [agentProbe(() => conductor.agent(uuid)), bench.served];
  for (const goal of GOALS.slice(0, GOALS.indexOf(spec.until) + 1)) {
    try {
      if (spec.fastTrack && goal !== 'inspect') await agentPresent(conductor, uuid, signal);
      await watching(conductor.run(uuid, goal, signal), probes, run.ports);
    } finally {
      const node = conductor.node(uuid);
      run.states.push(node.situation.provision);
      run.found.inventory = node.inventory;
      run.found.deployResult = node.driver_internal_info.deploy_result ?? null;
    }
  }
  return null;
}
