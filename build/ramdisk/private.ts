import { type RunOptions, run } from '../kit/index.ts';

const dieWithUs = ['--pdeathsig', 'KILL', '--'];
const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];

/**
 * Runs a builder in mount and process namespaces of its own. Builders mount /dev and more into the root they make; when
 * one is stopped half-way, its mounts must vanish with it, or the next removal of the work folder would reach through
 * them into the devices of this machine. It ends when we end, however that comes about.
 */
export const runPrivately = (bin: string, args: readonly string[], options: RunOptions): Promise<string> =>
  run('setpriv', [...dieWithUs, 'unshare', ...namespaces, bin, ...args], options);
