import { defineTool } from '../tool.ts';

/** Fastest link mode that a NIC supports, Mbit/s; null when the driver does not say (virtual NICs). */
export const ethtoolSpeed = defineTool({
  bin: 'ethtool',
  packages: { debian: 'ethtool', redhat: 'ethtool' },
  effect: 'reads',
  timeoutMs: 5_000,
  argv: (i: { readonly nic: string }) => [i.nic],
  parse: (out): number | null => {
    const modes = /Supported link modes:([\s\S]*?)\n\t[A-Z]/.exec(out.stdout)?.[1] ?? '';
    const speeds = [...modes.matchAll(/\b(\d+)base/g)].map((m) => Number(m[1]));
    return speeds.length === 0 ? null : Math.max(...speeds);
  },
});
