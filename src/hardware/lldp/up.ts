import type { HardwarePorts } from '../ports.ts';

/** Of the flags in /sys/class/net: the interface is set up, with or without a cable. */
const IFF_UP = 1;
const PATIENCE_MS = 10_000;
const POLL_MS = 500;

/**
 * Whether the NIC is set up. Early in the boot it may be a moment later: drivers load firmware, and the network service
 * takes port after port. Ends with `false` when the signal aborts.
 */
export async function comesUp(
  { files, clock }: Pick<HardwarePorts, 'files' | 'clock'>,
  nic: string,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = clock.monotonic() + PATIENCE_MS;
  while (!signal.aborted) {
    const flags = await files.textOrNull(`/sys/class/net/${nic}/flags`);
    // Where there is nothing to read, the attempt will tell.
    if (flags === null || (Number(flags) & IFF_UP) !== 0) return true;
    if (clock.monotonic() >= deadline) return false;
    await clock.sleep(POLL_MS, signal).catch(() => undefined);
  }
  return false;
}
