import { readlink } from 'node:fs/promises';
import { HostNotReady } from './errors.ts';

const OUTER = 'LAB_OUTER_NETWORK';
const ownNamespace = () => readlink('/proc/self/ns/net');

export interface Inside {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How to start `argv` in a network and process namespace of its own. The processes in it see no network of the
 * host, and all of them end when the first one ends or when the caller dies. `argv[0]` is process 1 there: it
 * must handle SIGTERM and SIGINT itself, for process 1 has no default action.
 */
export async function inPrivateNetwork(argv: readonly string[]): Promise<Inside> {
  const unshare = ['unshare', '--net', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'];
  return {
    command: 'setpriv',
    args: ['--pdeathsig', 'KILL', ...unshare, ...argv],
    env: { [OUTER]: await ownNamespace() },
  };
}

/** Refuses to touch the network of the host. */
export async function requirePrivateNetwork(): Promise<void> {
  const outer = process.env[OUTER];
  if (outer !== undefined && outer !== (await ownNamespace())) return;
  throw HostNotReady('this is the network of the host', {
    hint: 'start the lab through its own entry, which makes a private network first',
  });
}
