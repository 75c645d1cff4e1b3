import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../src/core/index.ts';
import { type Daemon, requireFiles, requirePrivateNetwork, runCommand, startDaemon } from '../host/index.ts';
import { type BootScriptSpec, bootScript } from './boot-script.ts';
import { dnsmasqConfig, type Lease, parseLeases } from './dnsmasq.ts';
import { type HttpFiles, serveFiles } from './http-server.ts';
import { bootPrograms, httpUrl, network } from './settings.ts';

export interface NetworkOptions {
  /** Configuration, leases, boot programs and logs. */
  readonly directory: string;
  /** Served over HTTP; `boot.ipxe` in it is what iPXE runs. */
  readonly httpRoot: string;
  readonly tapCount: number;
  readonly log: Log;
}

export interface Network {
  /** Address of this host on the bridge. */
  readonly address: string;
  readonly httpUrl: string;
  /** Names of the taps, for the NICs of machines. */
  readonly taps: readonly string[];
  /** Replaces the script that the next network boot runs. */
  writeBootScript(spec: BootScriptSpec): Promise<void>;
  leases(): Promise<readonly Lease[]>;
  /** Body bytes sent so far per request path. */
  served(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

const IPXE = '/usr/lib/ipxe';

/** Arguments of `ip`, in order. A bridge that does not learn for seconds would swallow the first DHCP requests. */
export function interfaceCommands(taps: readonly string[]): readonly (readonly string[])[] {
  const { bridge, address, prefix, address6 } = network;
  return [
    ['link', 'set', 'lo', 'up'],
    ['link', 'add', bridge, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0'],
    ['address', 'add', `${address}/${prefix}`, 'dev', bridge],
    ['address', 'add', `${address6}/64`, 'dev', bridge, 'nodad'],
    ['link', 'set', bridge, 'up'],
    ...taps.flatMap((tap) => [
      ['tuntap', 'add', 'dev', tap, 'mode', 'tap'],
      ['link', 'set', tap, 'master', bridge, 'up'],
    ]),
  ];
}

async function copyBootPrograms(tftpRoot: string): Promise<void> {
  const names = Object.values(bootPrograms);
  await requireFiles(Object.fromEntries(names.map((name) => [join(IPXE, name), 'ipxe'])));
  await mkdir(tftpRoot, { recursive: true });
  for (const name of names) await copyFile(join(IPXE, name), join(tftpRoot, name));
}

async function startDnsmasq(directory: string, log: Log, signal: AbortSignal): Promise<Daemon> {
  const paths = { tftpRoot: join(directory, 'tftp'), leaseFile: join(directory, 'leases') };
  await copyBootPrograms(paths.tftpRoot);
  const config = join(directory, 'dnsmasq.conf');
  await writeFile(config, dnsmasqConfig(paths));
  const logFile = join(directory, 'dnsmasq.log');
  await writeFile(logFile, '');
  return startDaemon(
    {
      name: 'dnsmasq',
      program: 'dnsmasq',
      args: [`--conf-file=${config}`],
      logFile,
      ready: async () => /TFTP root is/.test(await readFile(logFile, 'utf8')),
    },
    log,
    signal,
  );
}

/** Sets up bridge, taps, DHCP, TFTP and HTTP. Only in a network of its own. */
export async function createNetwork(options: NetworkOptions, signal: AbortSignal): Promise<Network> {
  const { directory, httpRoot, log } = options;
  await requirePrivateNetwork();
  await mkdir(directory, { recursive: true });
  await mkdir(httpRoot, { recursive: true });
  const taps = Array.from({ length: options.tapCount }, (_, index) => `tap${index}`);
  for (const args of interfaceCommands(taps)) await runCommand('ip', args, {}, signal);
  const http: HttpFiles = await serveFiles({ root: httpRoot, host: network.address, port: network.httpPort, log });
  const dnsmasq = await startDnsmasq(directory, log, signal).catch(async (error: unknown) => {
    await http.stop();
    throw error;
  });
  return {
    ...{ address: network.address, httpUrl, taps, served: http.served },
    writeBootScript: async (spec) => {
      const temporary = join(httpRoot, '.boot.ipxe.new');
      await writeFile(temporary, bootScript(spec));
      await rename(temporary, join(httpRoot, 'boot.ipxe'));
    },
    leases: async () => parseLeases(await readFile(join(directory, 'leases'), 'utf8').catch(() => '')),
    stop: async () => {
      await dnsmasq.stop();
      await http.stop();
      for (const name of [...taps, network.bridge]) await runCommand('ip', ['link', 'delete', name]);
    },
  };
}
