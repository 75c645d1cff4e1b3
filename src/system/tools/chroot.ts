import { MiB } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

/** A program of a file system that came in an image, started with that file system as its root. */
export interface ForeignProgram {
  /** Where its file system is mounted; it needs a folder `proc`. */
  readonly root: string;
  /** Found through `path`. */
  readonly program: string;
  readonly args: readonly string[];
  /** All it gets; nothing of the agent's own environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What no boot loader needs: other processes, kernel memory and modules, the clock, the network, new device nodes. It
 * keeps CAP_SYS_ADMIN, without which btrfs cannot be asked for its devices: this limits accidents, not an attacker.
 */
const DROPPED = [
  ...['sys_module', 'sys_rawio', 'sys_ptrace', 'sys_boot', 'sys_time', 'sys_pacct', 'mknod', 'syslog'],
  ...['net_admin', 'net_raw', 'net_bind_service', 'bpf', 'perfmon', 'audit_control', 'mac_admin', 'mac_override'],
] as const;
const without = DROPPED.map((name) => `-${name}`).join(',');
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * To be started inside a namespace for its mounts. It is process 1 of a namespace of its own, with a /proc that shows
 * only that: when it ends or is ended, the kernel ends everything it started, also what went into the background. It
 * ends with the agent too.
 */
export const foreignProgram = defineTool({
  bin: 'setpriv',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'destroys',
  // Three of them fit into the ten minutes that a conductor waits for a boot loader.
  timeoutMs: 180_000,
  maxOutputBytes: 4 * MiB,
  overflow: 'newest',
  title: ({ program, args }) => `${[program, ...args].join(' ')} of the image`,
  argv: ({ root, program, args, env }: ForeignProgram) => [
    ...['--pdeathsig', 'KILL', '--'],
    ...['unshare', '--pid', '--fork', '--kill-child=KILL', `--mount-proc=${root}/proc`, '--'],
    ...['setpriv', `--bounding-set=${without}`, `--inh-caps=${without}`, '--'],
    ...['env', '--ignore-environment', `PATH=${PATH}`, 'HOME=/root', 'LC_ALL=C'],
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...['chroot', root, '/bin/sh', '-c', 'exec "$0" "$@"', program, ...args],
  ],
  parse: () => undefined,
});
