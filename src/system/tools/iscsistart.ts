import { defineTool } from '../tool.ts';

const iscsistart = {
  bin: 'iscsistart',
  packages: { debian: 'open-iscsi', redhat: 'iscsi-initiator-utils' },
  shipped: false,
} as const;

/** Fails where the firmware knows no iSCSI target. */
export const iscsiFirmwareTargets = defineTool({
  ...iscsistart,
  effect: 'reads',
  timeoutMs: 30_000,
  argv: () => ['-f'],
  parse: () => undefined,
});

/** Logs in to the targets that the firmware knows; their disks appear. */
export const iscsiFirmwareLogin = defineTool({
  ...iscsistart,
  effect: 'changes',
  timeoutMs: 120_000,
  argv: () => ['-b'],
  parse: () => undefined,
});
