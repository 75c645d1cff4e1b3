import { join } from 'node:path';
import { makeConfigDrive } from '../images/index.ts';
import { createIronicClient, type IronicClient, type IronicNode, startBmc, startIronic } from '../ironic/index.ts';
import type { LabSpec } from '../scenario/index.ts';
import { KERNEL_ARGUMENTS, type Run } from './ports.ts';
import type { Bench } from './server.ts';
import { watching } from './watch.ts';

const BMC = { port: 6230, user: 'admin', password: 'lab-password' };
const API_PORT = 6385;
const MIB = 2 ** 20;

async function startServices(bench: Bench, spec: LabSpec, run: Run, signal: AbortSignal): Promise<IronicClient> {
  const { log, timeline } = run.ports;
  const directory = join(spec.workDir, 'ironic');
  const { address, httpUrl } = bench.network;
  timeline.stage('ironic', 'Start Ironic 2023.1');
  const ironic = await startIronic(
    {
      directory,
      address,
      port: API_PORT,
      httpRoot: bench.httpRoot,
      httpUrl,
      firmware: spec.firmware,
      fastTrack: spec.fastTrack,
      kernelArguments: `${KERNEL_ARGUMENTS}${spec.debug ? ' ipa-debug=1' : ''}`,
    },
    log,
    signal,
  );
  run.cleanup.push(() => ironic.stop());
  run.logs.ironic = ironic.logFile;
  run.logs.agent = join(directory, 'agent-logs');
  const bmc = await startBmc({ ...BMC, directory, address }, chassisOf(bench), log, signal);
  run.cleanup.push(() => bmc.stop());
  return createIronicClient(ironic.apiUrl);
}

const chassisOf = ({ machine }: Bench) => ({
  state: () => machine.state(),
  powerOn: (from: 'network' | 'disk') => machine.powerOn(from),
  powerOff: (how: 'soft' | 'hard') => machine.powerOff(how),
});

async function enrol(ironic: IronicClient, bench: Bench, spec: LabSpec): Promise<string> {
  const smallest = Math.min(...spec.disks.map((disk) => disk.sizeMiB));
  const { uuid } = await ironic.createNode({
    name: 'server',
    driver: 'ipmi',
    boot_interface: 'ipxe',
    deploy_interface: 'direct',
    power_interface: 'ipmitool',
    management_interface: 'ipmitool',
    inspect_interface: 'no-inspect',
    network_interface: 'noop',
    raid_interface: 'agent',
    driver_info: {
      ipmi_address: bench.network.address,
      ipmi_port: BMC.port,
      ipmi_username: BMC.user,
      ipmi_password: BMC.password,
      deploy_kernel: bench.urls.kernel,
      deploy_ramdisk: bench.urls.initramfs,
    },
    properties: {
      cpu_arch: 'x86_64',
      memory_mb: spec.memoryMiB,
      local_gb: Math.floor(smallest / 1024),
      capabilities: `boot_mode:${spec.firmware}`,
      ...(spec.hints === null ? {} : { root_device: spec.hints }),
    },
  });
  await ironic.createPort(uuid, bench.macs[0] ?? '');
  return uuid;
}

const setImage = (ironic: IronicClient, uuid: string, bench: Bench, { image }: LabSpec) =>
  ironic.set(uuid, {
    '/instance_info/image_source': bench.urls.image,
    '/instance_info/image_os_hash_algo': 'sha256',
    '/instance_info/image_os_hash_value': image.sha256,
    '/instance_info/image_disk_format': image.format,
    '/instance_info/image_type': 'whole-disk',
    '/instance_info/root_gb': Math.ceil(image.virtualSize / MIB / 1024),
  });

const PROCEDURES: Readonly<Record<string, string>> = {
  cleaning: 'clean',
  'clean wait': 'clean',
  deploying: 'deploy',
  'wait call-back': 'deploy',
};

/** The stage that a look at the node shows; Ironic tells no more than its states and steps. */
function show(node: IronicNode, run: Run): void {
  const state = node.provision_state;
  if (run.states.at(-1) !== state) run.states.push(state);
  const procedure = PROCEDURES[state];
  if (procedure === undefined) return;
  const { step } = procedure === 'clean' ? node.clean_step : node.deploy_step;
  const doing = typeof step === 'string' ? `step ${step}` : 'boot the ramdisk';
  run.ports.timeline.stage(`${procedure}-${doing}`, `Ironic: ${procedure}, ${doing}`);
}

/** Enrol, manage, clean and deploy under a real Ironic. What was learned stays in `run`, also when it fails. */
export async function runRealIronic(bench: Bench, spec: LabSpec, run: Run, signal: AbortSignal): Promise<void> {
  const ironic = await startServices(bench, spec, run, signal);
  const uuid = await enrol(ironic, bench, spec);
  const reach = (state: string) => {
    const wait = { state, timeoutMs: 2 * spec.bootTimeoutMs, onLook: (node: IronicNode) => show(node, run) };
    return watching(ironic.reach(uuid, wait, signal), [bench.served], run.ports);
  };
  run.ports.timeline.stage('manage', 'Ironic: enrol and manage');
  await ironic.provision(uuid, 'manage');
  await reach('manageable');
  if (spec.until === 'inspect') return;
  await ironic.provision(uuid, 'provide');
  await reach('available');
  if (spec.until === 'clean') return;
  await setImage(ironic, uuid, bench, spec);
  const configdrive = await makeConfigDrive(spec.instance, signal);
  await ironic.provision(uuid, 'active', { configdrive });
  await reach('active');
}
