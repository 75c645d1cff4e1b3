import { reasonOf } from '../../core/index.ts';
import {
  blockdevFlush,
  hwclockStore,
  ipLinkDown,
  poweroff,
  reboot as rebootTool,
  syncAll,
} from '../../system/index.ts';
import { withinBudget } from '../budget.ts';
import { syncClock } from '../clock/index.ts';
import { listDisks } from '../disks/index.ts';
import { SystemRebootFailed } from '../errors.ts';
import { mapLimited } from '../parallel.ts';
import type { HardwarePorts } from '../ports.ts';

/** Runs what may fail; its reason goes to the log. */
async function attempt(ports: HardwarePorts, event: string, work: Promise<unknown>, signal?: AbortSignal) {
  await work.catch((error: unknown) => {
    signal?.throwIfAborted();
    ports.log.warn(event, { reason: reasonOf(error) });
  });
}

/**
 * Everything written is on the disks afterwards: sync, drop caches, flush every device (steps 7.5).
 * @throws ToolFailed when `sync` itself fails; the rest is only logged
 */
export async function fullSync(ports: HardwarePorts, signal?: AbortSignal): Promise<void> {
  await ports.tools.run(syncAll, undefined, signal);
  await attempt(ports, 'sync.drop-caches.failed', ports.files.poke('/proc/sys/vm/drop_caches', '3'), signal);
  await attempt(ports, 'sync.flush.failed', flushAll(ports, signal), signal);
}

async function flushAll(ports: HardwarePorts, signal?: AbortSignal): Promise<void> {
  const disks = await listDisks(ports, signal);
  await mapLimited(disks, 8, ({ path }) =>
    attempt(ports, 'sync.flush.failed', ports.tools.run(blockdevFlush, { device: path }, signal), signal),
  );
}

/** The conductor cuts the power when a machine is still on after half a minute: no time server may take that long. */
const CLOCK_MS = 10_000;

/** Images are flushed when they are written; a disk that takes longer is dying, and must not keep the machine on. */
const SYNC_MS = 60_000;

export interface EndOptions {
  /** Asked once more before the time is stored in the hardware clock; null means: none. */
  readonly ntpServer: string | null;
}

/** Syncs, stores the time and powers off. The process may be ended before the promise settles. */
export const powerOff = (ports: HardwarePorts, options: EndOptions, signal?: AbortSignal): Promise<void> =>
  end(ports, { ...options, tool: poweroff, key: 'o' }, signal);

/** Syncs, stores the time and restarts. The process may be ended before the promise settles. */
export const reboot = (ports: HardwarePorts, options: EndOptions, signal?: AbortSignal): Promise<void> =>
  end(ports, { ...options, tool: rebootTool, key: 'b' }, signal);

/** @throws SystemRebootError when neither init nor the kernel obeys */
async function end(
  ports: HardwarePorts,
  how: EndOptions & { readonly tool: typeof poweroff; readonly key: 'o' | 'b' },
  signal?: AbortSignal,
): Promise<void> {
  const outer = signal ?? new AbortController().signal;
  await attempt(
    ports,
    'sync.failed',
    withinBudget(SYNC_MS, (limit) => fullSync(ports, limit), outer),
    signal,
  );
  const brief = AbortSignal.any([AbortSignal.timeout(CLOCK_MS), ...(signal === undefined ? [] : [signal])]);
  await attempt(ports, 'clock.sync.failed', syncClock(ports, how.ntpServer, brief), signal);
  await attempt(ports, 'clock.store.failed', ports.tools.run(hwclockStore, undefined, signal), signal);
  const reason = await ask(ports, how.tool, signal);
  if (reason === null) return;
  ports.log.warn('power.fallback', { reason, sysrq: how.key });
  try {
    // Read-only first: the key itself does not sync.
    for (const key of ['s', 'u', how.key]) await ports.files.poke('/proc/sysrq-trigger', key);
  } catch (error) {
    throw SystemRebootFailed(`${how.tool.bin}: ${reason}; sysrq ${how.key}: ${reasonOf(error)}`, {
      cause: error,
      hint: 'switch the power by the BMC',
    });
  }
}

/** Why init does not obey, or null. */
async function ask({ tools }: HardwarePorts, tool: typeof poweroff, signal?: AbortSignal): Promise<string | null> {
  try {
    return (await tools.run(tool, undefined, signal)) ? null : 'init ignores the request';
  } catch (error) {
    signal?.throwIfAborted();
    return reasonOf(error);
  }
}

const IFF_UP = 0x1;

/** False for what is in the folder but no link, such as `bonding_masters`. */
async function isUp({ files }: HardwarePorts, nic: string): Promise<boolean> {
  return (Number(await files.textOrNull(`/sys/class/net/${nic}/flags`)) & IFF_UP) !== 0;
}

/** Takes every link but the loopback down, unless it is; one that does not obey is logged. */
export async function setLinksDown(ports: HardwarePorts, signal?: AbortSignal): Promise<void> {
  const nics = (await ports.files.list('/sys/class/net')).filter((nic) => nic !== 'lo');
  await mapLimited(nics, 8, async (nic) => {
    if (!(await isUp(ports, nic))) return;
    ports.log.warn('link.down', { nic });
    await attempt(ports, 'link.down.failed', ports.tools.run(ipLinkDown, { nic }, signal), signal);
  });
}
