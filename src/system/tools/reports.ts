import { defineTool, type Tool } from '../tool.ts';

/** A program whose whole output is a member of the log archive (protocol 11.2). */
type Report = Tool<void, Uint8Array>;

function report(bin: string, argv: readonly string[], debian: string, redhat = debian): Report {
  return defineTool({
    bin,
    packages: { debian, redhat },
    effect: 'reads',
    timeoutMs: 30_000,
    argv: () => argv,
    parse: (out) => out.bytes,
  });
}

const LSBLK = '-oKNAME,MODEL,SIZE,ROTA,TYPE,UUID,PARTUUID,SERIAL,WWN,LOG-SEC,PHY-SEC,TRAN';

/** Archive member by name; what a ramdisk lacks is listed as skipped in the archive's manifest. */
export const reportTools: Readonly<Record<string, Report>> = {
  df: report('df', ['-a'], 'coreutils'),
  dmesg: report('dmesg', [], 'util-linux'),
  efibootmgr: report('efibootmgr', ['-v'], 'efibootmgr'),
  iptables: report('iptables', ['-L'], 'iptables', 'iptables-nft'),
  ip_addr: report('ip', ['addr'], 'iproute2', 'iproute'),
  ip_route: report('ip', ['route'], 'iproute2', 'iproute'),
  lsblk: report('lsblk', ['--all', LSBLK], 'util-linux'),
  'lsblk-full': report('lsblk', ['--all', '--bytes', '--output-all', '--pairs'], 'util-linux'),
  lspci: report('lspci', ['-nnvv'], 'pciutils'),
  mount: report('mount', [], 'mount', 'util-linux'),
  multipath: report('multipath', ['-ll'], 'multipath-tools', 'device-mapper-multipath'),
  nvme: report('nvme', ['list', '-o', 'json'], 'nvme-cli'),
  parted: report('parted', ['--script', '-l'], 'parted'),
  ps: report('ps', ['au'], 'procps', 'procps-ng'),
};
