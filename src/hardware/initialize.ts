import { reasonOf } from '../core/index.ts';
import {
  iscsiFirmwareLogin,
  iscsiFirmwareTargets,
  lsblkList,
  mdadmAssemble,
  modprobe,
  mpathconf,
  multipathd,
  multipathMaps,
  startMultipathUnit,
  type Tool,
  udevadmSettle,
} from '../system/index.ts';
import type { HardwarePorts } from './ports.ts';

/** The in-band way to the BMC; servers without one refuse the last module, and that is fine (inventory 1.5). */
const BMC_MODULES = ['ipmi_msghandler', 'ipmi_devintf', 'ipmi_si'];

/** Whether it worked; what did not is only noted. */
type Attempt = <I>(tool: Tool<I, unknown>, input: I) => Promise<boolean>;

const attempting =
  ({ tools, log }: HardwarePorts, signal?: AbortSignal): Attempt =>
  async (tool, input) => {
    try {
      await tools.run(tool, input, signal);
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      log.info('hardware.initialize.skipped', {
        what: [tool.bin, ...tool.argv(input)].join(' '),
        reason: reasonOf(error),
      });
      return false;
    }
  };

/** Hosts whose disks come over a network that may have a second way. */
const NETWORK_HOSTS = ['/sys/class/fc_host', '/sys/class/iscsi_host'];

/** The daemon takes 25 MB of a ramdisk's memory: it is started only where a disk may be, or is, seen twice. */
async function mayHavePaths({ tools, files }: HardwarePorts, signal?: AbortSignal): Promise<boolean> {
  for (const folder of NETWORK_HOSTS) if ((await files.list(folder)).length > 0) return true;
  const rows = await tools.run(lsblkList, undefined, signal).catch(() => []);
  const wwns = rows.flatMap(({ type, wwn }) => (type === 'disk' && wwn !== null ? [wwn] : []));
  return new Set(wwns).size < wwns.length;
}

/** One disk behind two cables is one disk from here on. Site configuration of the image stays in force. */
async function startMultipath(ports: HardwarePorts, attempt: Attempt, signal?: AbortSignal): Promise<void> {
  const { tools, files, log } = ports;
  if (!(await mayHavePaths(ports, signal))) return;
  await attempt(modprobe, { module: 'dm_multipath' });
  const isRedHat = (await files.kind('/usr/sbin/mpathconf')) !== null;
  if (isRedHat && (await files.kind('/etc/multipath.conf')) === null) await attempt(mpathconf, undefined);
  if (!(await attempt(startMultipathUnit, undefined))) await attempt(multipathd, undefined);
  try {
    log.info('hardware.multipath', { maps: await tools.run(multipathMaps, undefined, signal) });
  } catch (error) {
    signal?.throwIfAborted();
    log.warn('hardware.multipath.absent', { reason: reasonOf(error), next: 'each path counts as a disk of its own' });
  }
  await attempt(udevadmSettle, undefined);
}

/** Makes devices appear that need a nudge, before anything is listed (inventory 1.5). Never fails. */
export async function initializeHardware(ports: HardwarePorts, signal?: AbortSignal): Promise<void> {
  const attempt = attempting(ports, signal);
  if (await attempt(iscsiFirmwareTargets, undefined)) await attempt(iscsiFirmwareLogin, undefined);
  await attempt(mdadmAssemble, undefined);
  for (const module of BMC_MODULES) await attempt(modprobe, { module });
  // Without it a port of an InfiniBand card is no network interface; nothing else loads it.
  if ((await ports.files.list('/sys/class/infiniband')).length > 0) await attempt(modprobe, { module: 'ib_ipoib' });
  await attempt(udevadmSettle, undefined);
  await startMultipath(ports, attempt, signal);
}
