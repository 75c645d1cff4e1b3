import { type RunOptions, run } from '../kit/index.ts';

/**
 * Runs a builder in mount and process namespaces of its own. Builders mount /dev and more into the root they make; when
 * one is stopped half-way, its mounts must vanish with it, or the next removal of the work folder would reach through
 * them into the devices of this machine.
 */
export const runPrivately = (bin: string, args: readonly string[], options: RunOptions): Promise<string> =>
  run(
    'unshare',
    ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc', '--', bin, ...args],
    options,
  );
