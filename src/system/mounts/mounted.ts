import { type Clock, type Log, reasonOf } from '../../core/index.ts';
import type { Files } from '../files.ts';
import type { Tools } from '../tool.ts';
import { mount, umount } from '../tools/index.ts';

export interface MountPorts {
  readonly tools: Tools;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
}

/** What may be done in the mounted file system. Its programs and device nodes work only for a change of root. */
export type MountAccess = 'read' | 'write' | 'chroot';

const OPTIONS: Readonly<Record<MountAccess, string>> = {
  read: 'ro,nodev,nosuid,noexec',
  write: 'rw,nodev,nosuid,noexec',
  chroot: 'rw',
};

export interface MountRequest {
  readonly device: string;
  /** As blkid names it: the kernel is never left to try one driver after the other on what an image brought. */
  readonly type: string;
  readonly access: MountAccess;
  /** An existing folder, say inside another mount. Default: a new one below /tmp that nobody else may enter. */
  readonly at?: string;
}

const UNMOUNT_ATTEMPTS = 3;
const PAUSE_MS = 1_000;

/** Together with everything that was mounted inside. Never cancelled: what stays mounted keeps its disk busy. */
async function unmount({ tools, clock, log }: MountPorts, device: string, at: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tools.run(umount, { mountPoint: at });
    } catch (error) {
      const last = attempt === UNMOUNT_ATTEMPTS;
      log[last ? 'error' : 'warn']('mount.busy', { device, at, attempt, reason: reasonOf(error) });
      if (last) throw error;
      await clock.sleep(PAUSE_MS);
    }
  }
}

/** Only a folder that is empty goes: in one that is still mounted on, the files of the device would be deleted. */
async function removeFolder({ files, log }: MountPorts, at: string): Promise<void> {
  await files
    .removeEmptyDir(at)
    .catch((error: unknown) => log.warn('mount.folder.kept', { at, reason: reasonOf(error) }));
}

/** A mount that was cancelled or timed out may be there all the same. */
async function undo(ports: MountPorts, { device, at: given }: MountRequest, at: string): Promise<void> {
  const empty =
    given === undefined &&
    (await ports.files.removeEmptyDir(at).then(
      () => true,
      () => false,
    ));
  if (empty || !(await isMounted(ports, at))) return;
  await unmount(ports, device, at).catch(() => undefined);
  if (given === undefined) await removeFolder(ports, at);
}

/** mountinfo writes blanks as octal; our own folders have none. */
const isMounted = async ({ files }: MountPorts, at: string): Promise<boolean> =>
  ((await files.textOrNull('/proc/self/mountinfo')) ?? '').split('\n').some((line) => line.split(' ')[4] === at);

/**
 * Mounts a device for the time of `work`, which gets the root of its file system, and unmounts it whatever happened.
 * A file system that came in an image is hostile: its links may lead a joined path out of it, into the ramdisk.
 * @throws ToolFailed when it cannot be mounted, what `work` throws, and ToolFailed when it was to be written to and cannot
 * be unmounted: its data may not be on the disk
 */
export async function withMounted<T>(
  ports: MountPorts,
  request: MountRequest,
  work: (root: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { device, type, access } = request;
  const at = request.at ?? (await ports.files.makeTempDir('mount-'));
  try {
    await ports.tools.run(mount, { device, at, type, options: OPTIONS[access] }, signal);
  } catch (error) {
    await undo(ports, request, at);
    throw error;
  }
  let result: T;
  try {
    result = await work(at);
  } catch (error) {
    await leave(ports, request, at).catch(() => undefined);
    throw error;
  }
  await leave(ports, request, at);
  return result;
}

async function leave(ports: MountPorts, { device, access, at: given }: MountRequest, at: string): Promise<void> {
  try {
    await unmount(ports, device, at);
  } catch (error) {
    // The log has it; nothing that was only read can be lost.
    if (access === 'read') return;
    throw error;
  }
  if (given === undefined) await removeFolder(ports, at);
}
