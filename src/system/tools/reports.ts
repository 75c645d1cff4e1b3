import { MiB } from '../../core/index.ts';
import { defineTool, type Tool, type ToolOutput } from '../tool.ts';

/** What a program printed for people to read; `cut`: there was more of it, of which this is the beginning or the end. */
export interface Printed {
  readonly data: Uint8Array;
  readonly exitCode: number;
  readonly cut: boolean;
}

/** A program whose whole output is a member of the log archive (protocol.md 11.2). */
export type Report = Tool<void, Printed>;

const LIMITS = { timeoutMs: 10_000, maxOutputBytes: 2 * MiB, overflow: 'first' } as const;

export const printed = ({ bytes, exitCode, cut = false }: ToolOutput): Printed => ({ data: bytes, exitCode, cut });

interface Package {
  readonly debian: string;
  readonly redhat?: string;
  /** False: used where an image has it. */
  readonly shipped?: false;
}

function report(command: string, { debian, redhat = debian, shipped }: Package): Report {
  const [bin = '', ...argv] = command.split(' ');
  return defineTool({
    bin,
    packages: { debian, redhat },
    ...(shipped === undefined ? {} : { shipped }),
    effect: 'reads',
    ...LIMITS,
    argv: () => argv,
    parse: printed,
  });
}

const iproute = { debian: 'iproute2', redhat: 'iproute' };
const lsblk = '-oKNAME,MODEL,SIZE,ROTA,TYPE,UUID,PARTUUID,SERIAL,WWN,LOG-SEC,PHY-SEC,TRAN';

/** Archive member by name, in the order of the reference; what a ramdisk lacks is skipped in the archive's manifest. */
export const reportTools: Readonly<Record<string, Report>> = {
  df: report('df -a', { debian: 'coreutils' }),
  dmesg: report('dmesg', { debian: 'util-linux' }),
  efibootmgr: report('efibootmgr -v', { debian: 'efibootmgr' }),
  iptables: report('iptables -L', { debian: 'iptables', redhat: 'iptables-nft' }),
  ip_addr: report('ip addr', iproute),
  lsblk: report(`lsblk --all ${lsblk}`, { debian: 'util-linux' }),
  'lsblk-full': report('lsblk --all --bytes --output-all --pairs', { debian: 'util-linux' }),
  lshw: report('lshw -quiet -json', { debian: 'lshw', shipped: false }),
  mount: report('mount', { debian: 'mount', redhat: 'util-linux' }),
  multipath: report('multipath -ll', { debian: 'multipath-tools', redhat: 'device-mapper-multipath' }),
  parted: report('parted --script -l', { debian: 'parted' }),
  // In a ramdisk nobody sits at a terminal: ps then prints its heading alone and exits 1.
  ps: { ...report('ps au', { debian: 'procps', redhat: 'procps-ng' }), okExits: [0, 1] },
};

/** Members that the reference does not have. */
export const moreReportTools: Readonly<Record<string, Report>> = {
  ip_route: report('ip route', iproute),
  lspci: report('lspci -nnvv', { debian: 'pciutils' }),
  nvme: report('nvme list -o json', { debian: 'nvme-cli' }),
};

/** Bits 0 and 1 say that nothing could be read; the others describe the disk (smartctl(8)). */
const SMART_EXITS = Array.from({ length: 256 }, (_, code) => code).filter((code) => (code & 0b11) === 0);

/** Everything that a disk says about its health; input is the device path. */
export const smartctl = defineTool({
  bin: 'smartctl',
  packages: { debian: 'smartmontools', redhat: 'smartmontools' },
  shipped: false,
  effect: 'reads',
  ...LIMITS,
  okExits: SMART_EXITS,
  argv: (i: { readonly dev: string }) => ['-x', i.dev],
  parse: printed,
});
