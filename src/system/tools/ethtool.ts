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

type Switch = 'on' | 'off';

/** Switches of a driver of its own, by name; a driver without any is a failure. */
export const ethtoolPrivateFlags = defineTool({
  bin: 'ethtool',
  packages: { debian: 'ethtool', redhat: 'ethtool' },
  effect: 'reads',
  timeoutMs: 5_000,
  argv: (i: { readonly nic: string }) => ['--show-priv-flags', i.nic],
  parse: (out): ReadonlyMap<string, Switch> =>
    new Map(
      [...out.stdout.matchAll(/^(\S.*?)\s*: (on|off)$/gm)].map(([, flag = '', value]) => [
        flag,
        value === 'on' ? 'on' : 'off',
      ]),
    ),
});

export const ethtoolSetPrivateFlag = defineTool({
  bin: 'ethtool',
  packages: { debian: 'ethtool', redhat: 'ethtool' },
  effect: 'changes',
  timeoutMs: 10_000,
  argv: (i: { readonly nic: string; readonly flag: string; readonly value: Switch }) => [
    ...['--set-priv-flags', i.nic, i.flag, i.value],
  ],
  parse: () => undefined,
});
