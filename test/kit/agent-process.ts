import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** What a restarted agent has in common with the one before. */
export interface AgentPlace {
  /** Holds `run`, its runtime directory. */
  readonly home: string;
  readonly port: number;
  /** The test runs in a network of its own, whose links may really go down. */
  readonly ownNetwork?: true;
  /** Where standard output and error go; absent: to the test. */
  readonly outputs?: readonly ['pipe' | number, 'pipe' | number];
  /** The single executable; absent: from source. */
  readonly binary?: string;
}

export interface AgentProcess extends AgentPlace {
  readonly pid: number;
  /** Everything it printed so far. */
  output(): string;
  /** Resolves when the output matches; rejects after the time with what was printed. */
  sees(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /** Nobody reads what it prints any more. */
  deafen(): void;
  /** The exit code, once it has ended by itself. */
  ended(): Promise<number | null>;
  /** SIGKILL; the place stays as it is. */
  kill(): Promise<void>;
  /** SIGTERM, then the exit code; the place stays. */
  terminate(): Promise<number | null>;
  /** SIGTERM, then the exit code; the place is gone. */
  stop(): Promise<number | null>;
}

/** The agent takes links down in some states; never those of the machine that runs the tests. */
const CAREFUL_IP = `#!/bin/sh
case "$*" in "link set"*) echo "ip $*: not on this machine" >&2; exit 1 ;; esac
PATH=/usr/sbin:/sbin:/usr/bin:/bin exec ip "$@"
`;

/** What this machine runs is no matter of a test, and no arrays or maps are made here; a test may bring its own. */
const ABSENT = '#!/bin/sh\nexit 127\n';
const absent = Object.fromEntries(
  ['podman', 'docker', 'mdadm', 'systemctl', 'multipath', 'multipathd'].map((name) => [name, ABSENT]),
);

function carefulPath(home: string): string {
  const bin = join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries({ ...absent, ip: CAREFUL_IP })) {
    if (name !== 'ip' && existsSync(join(bin, name))) continue;
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o755);
  }
  return `${bin}:${process.env.PATH}`;
}

export const makePlace = async (): Promise<AgentPlace> => ({
  home: mkdtempSync(join(tmpdir(), 'agent-process-')),
  port: await freePort(),
});

/** The agent as its own process, from source, with no configuration of the machine. */
export async function startAgent(flags: readonly string[], place?: AgentPlace): Promise<AgentProcess> {
  const { home, port, ownNetwork = false, binary, outputs = ['pipe', 'pipe'] } = place ?? (await makePlace());
  const main = join(import.meta.dirname, '../../src/main.ts');
  const common = ['--runtime_dir', join(home, 'run'), '--listen_host', '127.0.0.1', '--listen_port', String(port)];
  const program = binary === undefined ? [process.execPath, main] : [binary];
  const [command = '', ...first] = program;
  const child = spawn(command, [...first, ...common, '--advertise_port', String(port), ...flags], {
    env: { PATH: ownNetwork ? process.env.PATH : carefulPath(home), HOME: home },
    stdio: ['ignore', ...outputs],
  });
  let text = '';
  const watchers = new Set<() => void>();
  const take = (chunk: Buffer) => {
    text += chunk.toString('utf8');
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  };
  return {
    home,
    port,
    pid: child.pid ?? 0,
    output: () => text,
    sees: (pattern, timeoutMs = 20_000) =>
      new Promise((resolve, reject) => {
        const done = (end: () => void) => {
          clearTimeout(timer);
          watchers.delete(check);
          end();
        };
        const check = () => {
          if (pattern.test(text)) done(resolve);
        };
        const timer = setTimeout(() => done(() => reject(new Error(`${pattern} not seen in:\n${text}`))), timeoutMs);
        watchers.add(check);
        check();
      }),
    deafen: () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    ended: async () => {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.exitCode;
    },
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
    stop: async () => {
      await end('SIGTERM');
      rmSync(home, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}
