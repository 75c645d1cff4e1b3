import { execa } from 'execa';
import { HostNotReady, waitFor } from '../../host/index.ts';
import { portState } from '../../network/index.ts';
import type { Rescued } from '../../scenario/index.ts';
import { RescueFailed } from '../errors.ts';
import type { Bench } from '../server.ts';

const AGENT_PORT = 9999;
const USER = 'rescue';
/** A handshake takes seconds on an emulated processor. */
const LOGIN_MS = 60_000;
const PATIENCE_MS = 180_000;

/** Without a trace on this host, and with nothing but the password. */
const SSH = [
  ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
  ...['-o', 'PreferredAuthentications=password', '-o', 'ConnectTimeout=20', '-F', '/dev/null'],
];

/** Who the user is, who he may become, whether the marker stands. */
const QUESTIONS = 'id -un; sudo -n id -un || echo nobody; if [ -e /etc/.rescued ]; then echo marked; fi';

interface Login {
  readonly address: string;
  readonly password: string;
}

async function ask({ address, password }: Login, signal: AbortSignal): Promise<readonly string[] | null> {
  const args = ['-e', 'ssh', ...SSH, `${USER}@${address}`, QUESTIONS];
  const options = { reject: false, timeout: LOGIN_MS, env: { SSHPASS: password }, cancelSignal: signal } as const;
  const result = await execa('sshpass', args, { ...options, stdin: 'ignore' });
  if (result.isCanceled) throw signal.reason;
  if (result.code === 'ENOENT' || result.exitCode === 127)
    throw HostNotReady('sshpass is not installed', { hint: 'install: apt-get install sshpass openssh-client' });
  return result.exitCode === 0 ? result.stdout.split('\n') : null;
}

/** Where the server is in the network that it has now. */
async function addressOf({ network, macs }: Bench): Promise<string> {
  const lease = (await network.leases()).find(({ mac }) => mac === macs[0]);
  if (lease === undefined) throw RescueFailed('the rescued server has no address');
  return lease.address;
}

/**
 * Logs in as a tenant would, with the password given to Ironic, and looks for the agent.
 * @throws RescueFailed when the user cannot come in or the agent still serves
 */
export async function proveRescue(bench: Bench, password: string, signal: AbortSignal): Promise<Rescued> {
  const address = await addressOf(bench);
  const wait = { what: `login of ${USER}@${address}`, timeoutMs: PATIENCE_MS, everyMs: 2_000 };
  const [user = '', root = '', marker = ''] = await waitFor(() => ask({ address, password }, signal), wait, signal);
  const agentPort = await portState(address, AGENT_PORT);
  if (agentPort !== 'closed') throw RescueFailed(`port ${AGENT_PORT} of ${address} is ${agentPort}, not closed`);
  return { address, user, mayBecome: root, marked: marker === 'marked', agentPort };
}
