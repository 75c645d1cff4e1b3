import { Type } from 'typebox';
import { defineStep, type Run, type Step } from '../../core/index.ts';
import { BlockDeviceEraseFailed, eraseMetadata, ProtectedDevice } from '../../hardware/index.ts';
import type { AgentPorts } from '../ports.ts';

export const eraseDevicesMetadata: Step<AgentPorts> = defineStep({
  name: 'erase_devices_metadata',
  interface: 'deploy',
  doc: 'Remove partition tables, RAID, LVM and file system signatures from every disk that is not protected.',
  in: { clean: { priority: 99 }, deploy: { priority: 0 } },
  abortable: true,
  args: Type.Object({}, { additionalProperties: false }),
  throws: [BlockDeviceEraseFailed, ProtectedDevice],
  run: async (_args, { ports, node, progress, signal, log }: Run<AgentPorts>) => {
    const { guardSpecialFilesystems } = ports.settings;
    const report = await eraseMetadata(ports.hardware, node, { guardSpecialFilesystems }, progress, signal);
    log.info('erase.metadata.done', { ...report });
    ports.written.remember(null);
    return null;
  },
});
