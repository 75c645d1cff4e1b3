import { Type } from 'typebox';
import {
  type Command,
  CommandExecutionFailed,
  defineCommand,
  IncompatibleHardwareMethod,
  InvalidCommandParams,
  type Run,
  reasonOf,
} from '../../core/index.ts';
import { DeviceNotFound, fullSync, powerOff, reboot, SystemRebootFailed } from '../../hardware/index.ts';
import {
  FileSystemNotSupported,
  ImageChecksumMismatch,
  ImageDownloadFailed,
  ImageWriteFailed,
  InvalidImage,
  planImage,
} from '../../image/index.ts';
import { BootcSource, installBootc, PullSecret } from '../bootc.ts';
import { DeployArguments, deployImage, nodeWithHints } from '../deploy-image.ts';
import type { AgentPorts } from '../ports.ts';

const Nothing = Type.Object({});

const prepareImage = defineCommand({
  name: 'standby.prepare_image',
  kind: 'async',
  doc: 'Write a whole-disk or partition image and its config drive to the root disk.',
  result: '`result`: text with image, device and root uuid; further keys: sizes, digest, duration',
  params: DeployArguments,
  throws: [
    InvalidCommandParams,
    DeviceNotFound,
    InvalidImage,
    ImageDownloadFailed,
    ImageChecksumMismatch,
    ImageWriteFailed,
    FileSystemNotSupported,
  ],
  check: ({ image_info }, ports: AgentPorts) => {
    try {
      planImage(image_info, ports.settings.image);
    } catch (error) {
      // What is wrong with the image rather than with the request is the failure of the command.
      if (InvalidCommandParams.is(error)) throw error;
    }
  },
  run: async (params, run: Run<AgentPorts>) => deployImage(params, await nodeWithHints(run), run),
});

const executeBootcInstall = defineCommand({
  name: 'standby.execute_bootc_install',
  kind: 'async',
  doc: 'Install a bootable container to the root disk. Not supported by this release: it fails before anything is touched.',
  result: 'none',
  params: Type.Object({
    ...BootcSource,
    instance_info: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { default: {} })),
    pull_secret: PullSecret,
  }),
  throws: [CommandExecutionFailed, IncompatibleHardwareMethod],
  run: (_params, { ports }: Run<AgentPorts>) => installBootc(ports),
});

const getPartitionUuids = defineCommand({
  name: 'standby.get_partition_uuids',
  kind: 'sync',
  doc: 'Identifiers of what the last image put on the disk.',
  result: '`root uuid` and further keys with spaces; empty before any image',
  params: Nothing,
  throws: [],
  run: async (_params, { ports, log }: Run<AgentPorts>) => {
    const written = ports.written.current();
    if (written === null) log.warn('image.uuids.unknown', { why: 'no image was written since the agent started' });
    return written?.uuids ?? {};
  },
});

const powerOffCommand = defineCommand({
  name: 'standby.power_off',
  kind: 'async',
  doc: 'Flush all disks, store the time, then power the machine off.',
  result: 'none',
  params: Nothing,
  throws: [SystemRebootFailed],
  run: (_params, { ports, signal }: Run<AgentPorts>) => powerOff(ports.hardware, ports.settings, signal),
});

const runImage = defineCommand({
  name: 'standby.run_image',
  kind: 'async',
  doc: 'Flush all disks, store the time, then restart the machine.',
  result: 'none',
  params: Nothing,
  throws: [SystemRebootFailed],
  run: (_params, { ports, signal }: Run<AgentPorts>) => reboot(ports.hardware, ports.settings, signal),
});

const sync = defineCommand({
  name: 'standby.sync',
  kind: 'sync',
  doc: 'Flush everything that was written to all disks.',
  result: 'none',
  params: Nothing,
  throws: [CommandExecutionFailed],
  run: async (_params, { ports, signal }: Run<AgentPorts>) => {
    await fullSync(ports.hardware, signal).catch((error: unknown) => {
      throw CommandExecutionFailed(`the disks could not be flushed: ${reasonOf(error)}`, { cause: error });
    });
  },
});

export const standbyCommands: readonly Command<AgentPorts>[] = [
  prepareImage,
  executeBootcInstall,
  getPartitionUuids,
  powerOffCommand,
  runImage,
  sync,
];
