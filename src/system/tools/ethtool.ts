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

/** Whether the two ends agree on the speed, `on` or `off`; null when the driver does not say. */
export const ethtoolAutonegotiation = defineTool({
  ...ethtoolSpeed,
  parse: (out): string | null => /^\s*Auto-negotiation:\s*(on|off)$/m.exec(out.stdout)?.[1] ?? null,
});

/** Version of the NIC's firmware, null when the driver does not say. */
export const ethtoolFirmware = defineTool({
  ...ethtoolSpeed,
  argv: (i: { readonly nic: string }) => ['-i', i.nic],
  parse: (out): string | null => /^firmware-version:[ \t]*(\S.*)$/m.exec(out.stdout)?.[1]?.trim() ?? null,
});

/** `label: value` lines below the heading; a line with a tab in front belongs to the last one without. */
function settings(text: string): readonly (readonly [string, string])[] {
  let parent = '';
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, indent = '', label = '', value = ''] = /^(\t?)([^:\t]+):\s*(.*)$/.exec(line) ?? [];
      if (indent === '') parent = label;
      return label === '' || value.trim() === ''
        ? []
        : [[indent === '' ? label : `${parent}/${label}`, value.trim()] as const];
    });
}

/** Pause frames (`-a`) or offload features (`-k`): `tcp-segmentation-offload/tx-tcp-segmentation`, `off [fixed]`. */
export const ethtoolSettings = defineTool({
  ...ethtoolSpeed,
  argv: (i: { readonly nic: string; readonly which: '-a' | '-k' }) => [i.which, i.nic],
  parse: (out) => settings(out.stdout),
});
