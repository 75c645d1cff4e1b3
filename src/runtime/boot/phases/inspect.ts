import { AgentError, reasonOf } from '../../../core/index.ts';
import { chooseRootDisk, collectInventory, type Inventory, listDisks, toWireDisk } from '../../../hardware/index.ts';
import { InspectionFailed, inspectionTargets, postInspection } from '../../../ironic/index.ts';
import { apiSettings, apiUrls, inspectionAddresses, isInspecting } from '../../settings/index.ts';
import type { BootFacts, Phase } from '../facts.ts';
import type { BootContext } from './context.ts';
import { waitForAddresses } from './dhcp.ts';

/** Collectors of the reference that this release does not have yet: asking for them must not fail the inspection. */
const NOT_YET = ['extra-hardware', 'pci-devices', 'numa-topology', 'dmi-decode', 'lldp', 'usb-devices'];

type Part = Readonly<Record<string, unknown>>;

/** The disk that would be the root disk without hints (inventory.md 3.1); absent when none qualifies. */
async function rootDisk({ ports, settings }: BootContext, signal: AbortSignal): Promise<Part> {
  const disks = await listDisks(ports, signal);
  try {
    const { disk } = chooseRootDisk(disks, null, { parity: settings.config().defaultRootDiskParity });
    return { root_disk: toWireDisk(disk) };
  } catch (error) {
    if (error instanceof AgentError) return {};
    throw error;
  }
}

async function defaultPart(context: BootContext, names: readonly string[], signal: AbortSignal) {
  const { ports, bootif, managers } = context;
  await waitForAddresses(context, signal);
  const { inventory, problems } = await collectInventory(ports, { bootif, skipBmc: false }, signal);
  for (const problem of problems) ports.log.warn('inspect.inventory.incomplete', { problem });
  const part: Part = {
    inventory,
    ...(await rootDisk(context, signal)),
    boot_interface: bootif,
    configuration: { collectors: names, managers },
  };
  return { inventory, part };
}

async function logsPart({ collectLogs }: BootContext, signal: AbortSignal): Promise<Part> {
  return { logs: Buffer.from(await collectLogs(signal)).toString('base64') };
}

interface Collected {
  readonly payload: Part;
  readonly inventory: Inventory | null;
}

/** Runs the collectors in order; failures go into `error`, which Ironic's default hooks refuse (inventory.md 4.2). */
async function collect(context: BootContext, names: readonly string[], signal: AbortSignal): Promise<Collected> {
  const unknown = names.filter((name) => name !== 'default' && name !== 'logs' && !NOT_YET.includes(name));
  if (unknown.length > 0)
    return { payload: { error: errorText(unknown.map((name) => `unknown collector ${name}`)) }, inventory: null };
  const failures: string[] = [];
  let payload: Part = {};
  let inventory: Inventory | null = null;
  for (const name of names) {
    try {
      if (name === 'default') {
        const made = await defaultPart(context, names, signal);
        payload = { ...payload, ...made.part };
        inventory = made.inventory;
      } else if (name === 'logs') payload = { ...payload, ...(await logsPart(context, signal)) };
      else context.ports.log.warn('inspect.collector.skipped', { collector: name, why: 'not in this release' });
    } catch (error) {
      signal.throwIfAborted();
      failures.push(`collector ${name} failed: ${reasonOf(error)}`);
    }
  }
  return { payload: { ...payload, error: failures.length === 0 ? null : errorText(failures) }, inventory };
}

const errorText = (failures: readonly string[]) =>
  ['The following errors were encountered:', ...failures.map((failure) => `* ${failure}`)].join('\n');

/** Start-up step 11: inventory to the callback. A refused callback is logged and lookup goes on without a UUID. */
export const inspect = (context: BootContext): Phase => ({
  state: 'inspecting',
  waitsFor: 'the inventory and the inspection callback',
  when: () => isInspecting(context.settings.config()),
  run: async (facts, signal): Promise<BootFacts> => {
    const config = context.settings.config();
    const wanted = config.inspectionCollectors ?? ['default', 'logs'];
    const { payload, inventory } = await collect(context, wanted, signal);
    const known = inventory === null ? facts : { ...facts, inventory };
    try {
      const targets = inspectionTargets(inspectionAddresses(config));
      const { uuid } = await postInspection(context.ports, { ...apiSettings(config), urls: targets }, payload, signal);
      return uuid === null ? known : { ...known, inspectedUuid: uuid };
    } catch (error) {
      // Without a conductor to look up at, the callback is all there is to do: the phase tries again.
      if (apiUrls(config).length === 0 || !InspectionFailed.is(error)) throw error;
      context.ports.log.error('inspect.callback.failed', {
        reason: reasonOf(error),
        next: 'lookup goes on without it',
      });
      return known;
    }
  },
});
