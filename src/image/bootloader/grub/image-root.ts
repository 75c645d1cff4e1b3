import { blkidContents, cpDevices, insideRoot, mount, type Namespace, withMounted } from '../../../system/index.ts';
import { InvalidImage } from '../../errors.ts';
import type { BootloaderPorts, ImagePorts } from '../../ports.ts';

/** The root file system of an image, mounted where only the programs in `inside` see it. */
export interface ImageRoot {
  /** Ports whose tools and files are those inside. */
  readonly inside: ImagePorts;
  /** Folder of the mount. */
  readonly at: string;
}

export interface RootRequest {
  readonly device: string;
  /** What of /dev its programs may see, relative to it. */
  readonly devices: readonly string[];
}

/** Where a folder of the image is mounted on, without any link on the way; made when it is absent. @throws InvalidImage */
export async function folderOf({ inside, at }: ImageRoot, path: string): Promise<string> {
  const found = await insideRoot(inside.files, at, path);
  const kind = found === null ? 'other' : await inside.files.kind(found);
  if (found === null || (kind !== null && kind !== 'dir'))
    throw InvalidImage(`${path} of the image is no folder`, {
      hint: 'nothing can be mounted there; correct the image',
    });
  if (kind === null) await inside.files.makeDir(found);
  return found;
}

/**
 * What programs need beside files: their disk, the kernel's view of the machine, and what udev knows, without which LVM
 * waits for it. Nothing else of the ramdisk's /run, where the agent keeps its token and its key.
 */
async function furnish(root: ImageRoot, { devices }: RootRequest, signal: AbortSignal): Promise<void> {
  const { tools, files } = root.inside;
  const on = async (path: string, device: string, type: string, options: string) => {
    const at = await folderOf(root, path);
    await tools.run(mount, { device, at, type, options }, signal);
    return at;
  };
  const dev = await on('/dev', 'tmpfs', 'tmpfs', 'mode=755,nosuid,noexec,size=1m');
  await tools.run(cpDevices, { names: devices, into: dev }, signal);
  await on('/sys', 'sysfs', 'sysfs', 'ro,nosuid,nodev,noexec');
  await on('/run', 'tmpfs', 'tmpfs', 'mode=755,nosuid,nodev,noexec,size=16m');
  if ((await files.kind('/run/udev')) === 'dir') await on('/run/udev', '/run/udev', 'none', 'bind,ro');
  // Each program brings its own /proc.
  await folderOf(root, '/proc');
}

const insideOf = (ports: ImagePorts, { tools, files }: Namespace): ImagePorts => ({ ...ports, tools, files });

/** Nothing is ever mounted on the folder outside of the namespace, so that it is empty at the end. */
async function inFolder<T>({ files }: ImagePorts, work: (at: string) => Promise<T>): Promise<T> {
  const at = await files.makeTempDir('image-root-');
  try {
    return await work(at);
  } finally {
    await files.removeEmptyDir(at);
  }
}

/**
 * Mounts the root file system of an image for the time of `work`, in a namespace of its own. Whatever happens, the kernel
 * unmounts everything at its end; an unmount that fails before is an error, for the data may not be on the disk.
 * @throws InvalidImage, ToolFailed, and what `work` throws
 */
export async function withImageRoot<T>(
  ports: BootloaderPorts,
  request: RootRequest,
  work: (root: ImageRoot) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { device } = request;
  const { type } = await ports.tools.run(blkidContents, { device }, signal);
  if (type === null) throw InvalidImage(`${device} has no file system that could be mounted`);
  const namespace = await ports.namespaces.open(signal);
  try {
    return await inFolder(ports, (at) => {
      const inside = insideOf(ports, namespace);
      const mounted = async () => {
        const root = { inside, at };
        await furnish(root, request, signal);
        return work(root);
      };
      return withMounted(inside, { device, type, access: 'chroot', at }, mounted, signal);
    });
  } finally {
    await namespace.close();
  }
}
