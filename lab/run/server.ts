import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Log } from '../../src/core/index.ts';
import { createAcceleratorProbe } from '../host/index.ts';
import { ramdiskWithOrders } from '../images/index.ts';
import { createMachine, type DiskSpec, type Machine } from '../machine/index.ts';
import { createNetwork, type Network } from '../network/index.ts';
import type { LabSpec } from '../scenario/index.ts';
import { type Probe, servedProbe } from './watch.ts';

/** One server on one network, with the files it boots from being served. */
export interface Bench {
  readonly network: Network;
  readonly machine: Machine;
  readonly macs: readonly string[];
  readonly urls: { readonly kernel: string; readonly initramfs: string; readonly image: string };
  readonly httpRoot: string;
  /** How far the file is that is being served now. */
  readonly served: Probe;
  stop(): Promise<void>;
}

/** The first NIC boots from the network, the second has DHCP only. */
const MACS = ['52:54:00:a6:0e:01', '52:54:00:a6:0e:02'];
const CPUS = 2;
const ORDERED = 'taking-orders.initramfs';

/** Without a copy where the file systems allow it: images may be large. */
async function serve(path: string, httpRoot: string): Promise<string> {
  const name = basename(path);
  const target = join(httpRoot, name);
  await rm(target, { force: true });
  await link(path, target).catch(() => copyFile(path, target));
  return name;
}

async function serveOrders(initramfs: string, httpRoot: string): Promise<string> {
  await ramdiskWithOrders(initramfs, join(httpRoot, ORDERED));
  return ORDERED;
}

const sizeIn = (folder: string) => (path: string) =>
  stat(join(folder, join('/', path))).then(
    (found) => found.size,
    () => null,
  );

/** WWNs of multipath disks end with their place among the disks. */
const WWN = '5000c500aabbcc';

const diskOf = ({ bus, ...disk }: LabSpec['disks'][number], index: number): DiskSpec => ({
  ...disk,
  name: `disk-${index + 1}`,
  ...(bus === 'multipath' ? { bus: 'scsi', paths: 2, wwn: `${WWN}${String(index).padStart(2, '0')}` } : { bus }),
});

function machineSpec(spec: LabSpec, taps: readonly string[]) {
  return {
    name: 'server',
    firmware: spec.firmware,
    cpus: CPUS,
    memoryMiB: spec.memoryMiB,
    disks: spec.disks.map(diskOf),
    nics: taps.map((tap, index) => ({ tap, mac: MACS[index] ?? '' })),
    bmc: true,
    dmi: { manufacturer: 'Lab', product: 'Virtual Server', serial: 'LAB-SERVER-1', sku: 'lab', uuid: randomUUID() },
  };
}

/** Sets network, served files and the powered-off server up. Needs the private network. */
export async function createBench(spec: LabSpec, log: Log, signal: AbortSignal): Promise<Bench> {
  const httpRoot = join(spec.workDir, 'http');
  await mkdir(httpRoot, { recursive: true });
  const network = await createNetwork(
    { directory: join(spec.workDir, 'network'), httpRoot, tapCount: MACS.length, log },
    signal,
  );
  try {
    const [kernel, initramfs, image] = [
      await serve(spec.kernel, httpRoot),
      spec.killAgent ? await serveOrders(spec.initramfs, httpRoot) : await serve(spec.initramfs, httpRoot),
      await serve(spec.image.path, httpRoot),
    ];
    const url = (name: string) => `${network.httpUrl}/${name}`;
    const machine = await createMachine(machineSpec(spec, network.taps), {
      directory: join(spec.workDir, 'machine'),
      log,
      accelerator: await createAcceleratorProbe()(signal),
    });
    return {
      network,
      machine,
      macs: MACS,
      urls: { kernel: url(kernel), initramfs: url(initramfs), image: url(image) },
      httpRoot,
      served: servedProbe(network.served, sizeIn(httpRoot)),
      stop: async () => {
        await machine.dispose();
        await network.stop();
      },
    };
  } catch (error) {
    await network.stop();
    throw error;
  }
}
