import { defineTool } from '../tool.ts';

const packages = { debian: 'multipath-tools', redhat: 'device-mapper-multipath' } as const;
const nothing = { effect: 'changes', parse: () => undefined } as const;

/** Starts the daemon that makes and watches maps, where the image has a unit for it; it is ready when this ends. */
export const startMultipathUnit = defineTool({
  ...nothing,
  bin: 'systemctl',
  packages: { debian: 'systemd', redhat: 'systemd' },
  timeoutMs: 60_000,
  argv: () => ['start', 'multipathd.service'],
});

/** The daemon itself: it goes to the background, and refuses to run twice. */
export const multipathd = defineTool({ ...nothing, bin: 'multipathd', packages, timeoutMs: 60_000, argv: () => [] });

/** How many maps there are. */
export const multipathMaps = defineTool({
  bin: 'multipath',
  packages,
  effect: 'reads',
  timeoutMs: 60_000,
  argv: () => ['-ll'],
  parse: (out): number => out.stdout.split('\n').filter((line) => /^\S.* dm-\d+ /.test(line)).length,
});

/** Writes a configuration that makes a map where there are two paths; only Red Hat has this program. */
export const mpathconf = defineTool({
  ...nothing,
  bin: 'mpathconf',
  packages,
  shipped: false,
  timeoutMs: 60_000,
  argv: () => ['--enable', '--find_multipaths', 'yes', '--with_module', 'y', '--with_multipathd', 'y'],
});
