import { Type } from 'typebox';
import {
  CommandExecutionFailed,
  defineStep,
  InvalidCommandParams,
  type Node,
  type Run,
  type Step,
} from '../../core/index.ts';
import { DeviceNotFound, findRootDisk } from '../../hardware/index.ts';
import { type ImageSettings, injectFiles, needsRootDisk, readEntries } from '../../image/index.ts';
import type { AgentPorts } from '../ports.ts';

const Arguments = Type.Object(
  {
    /** Checked entry by entry by the image room, which names everything that is wrong. */
    files: Type.Optional(Type.Unknown()),
    verify_ca: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  },
  { additionalProperties: false },
);

function settingsOf({ ports, log }: Run<AgentPorts>, verify: boolean): ImageSettings {
  const { image } = ports.settings;
  if (verify || image.tls.insecure) return image;
  log.warn('inject.unverified', { why: 'verify_ca is false: anybody on the way can change the files' });
  return { ...image, tls: { ...image.tls, insecure: true } };
}

async function rootDisk({ hardware, settings }: AgentPorts, node: Node | null, signal: AbortSignal): Promise<string> {
  return (await findRootDisk(hardware, node, { parity: settings.rootDiskParity }, signal)).disk.path;
}

/** steps.md 7.2. Its priority is the option inject_files_priority. */
export const injectFilesStep: Step<AgentPorts> = defineStep({
  name: 'inject_files',
  interface: 'deploy',
  doc: 'Put files into the deployed system, or delete some: those of `properties.inject_files` of the node, then those of the argument. Its priority is the option `inject_files_priority`.',
  in: { deploy: { priority: 0 }, service: { priority: 0 } },
  argsinfo: {
    files: {
      description:
        'List of objects with `path` and `content` (base64, or an address in which `{node[uuid]}` and `{ports[0][address]}` are filled in) or `deleted`; optional `partition` (number, device, UUID or label), `mode`, `dirmode`, `owner`, `group`, `checksum`',
      required: false,
    },
    verify_ca: {
      description: 'Whether certificates of servers that contents come from are verified; default true',
      required: false,
    },
  },
  args: Arguments,
  throws: [InvalidCommandParams, DeviceNotFound, CommandExecutionFailed],
  run: async ({ files, verify_ca }, run: Run<AgentPorts>) => {
    const { ports, node, signal, progress } = run;
    const facts = { node: node ?? {}, ports: run.portRecords ?? [] };
    const { md5Enabled } = ports.settings.image;
    const ofNode = node?.properties?.inject_files;
    const entries = readEntries({ ofNode, ofStep: files, facts, md5Enabled });
    if (entries.length === 0) return null;
    const disk = needsRootDisk(entries) ? await rootDisk(ports, node, signal) : null;
    await injectFiles(
      ports.image,
      { files: entries, disk, settings: settingsOf(run, verify_ca ?? true) },
      progress,
      signal,
    );
    return null;
  },
});
