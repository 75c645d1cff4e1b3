import { defineTool } from '../tool.ts';

/** Waits until udev has handled all events of the kernel. */
export const udevadmSettle = defineTool({
  bin: 'udevadm',
  packages: { debian: 'udev', redhat: 'systemd-udev' },
  effect: 'reads',
  timeoutMs: 60_000,
  argv: () => ['settle', '--timeout=30'],
  parse: () => undefined,
});
