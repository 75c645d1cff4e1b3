import { reasonOf } from '../../core/index.ts';
import { ethtoolPrivateFlags, ethtoolSetPrivateFlag } from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';

type FirmwarePorts = Pick<HardwarePorts, 'tools' | 'files' | 'log'>;
type Undo = () => Promise<unknown>;

/** Driver switch of a card whose firmware takes all LLDP frames for itself; its value while it does, and while not. */
interface Agent {
  readonly flag: string;
  readonly takes: 'on' | 'off';
  readonly leaves: 'on' | 'off';
  /** The card keeps the switch over resets and power cycles. */
  readonly lasts: boolean;
}
const agents: ReadonlyMap<string | undefined, Agent> = new Map([
  // Intel X710 and its family.
  ['i40e', { flag: 'disable-fw-lldp', takes: 'off', leaves: 'on', lasts: false }],
  // Intel E810.
  ['ice', { flag: 'fw-lldp-agent', takes: 'on', leaves: 'off', lasts: true }],
]);

/** The longest that silencing and the undoing of it take, by the time limits of the programs. */
export const LONGEST_SILENCING_MS = ethtoolPrivateFlags.timeoutMs + 2 * ethtoolSetPrivateFlag.timeoutMs;

const lastOf = (path: string | null) => path?.split('/').at(-1);

/** Drivers of i40e that are older than their switch have a file for developers. */
async function byDebugFile({ files, log }: FirmwarePorts, nic: string): Promise<void> {
  const card = lastOf(await files.link(`/sys/class/net/${nic}/device`));
  const command = `/sys/kernel/debug/i40e/${card}/command`;
  if ((await files.kind(command)) === null) return log.info('lldp.firmware.unknown', { nic, absent: command });
  await files.poke(command, 'lldp stop');
  log.info('lldp.firmware.silenced', { nic, by: command });
}

async function silence(ports: FirmwarePorts, nic: string): Promise<Undo | null> {
  const { tools, files, log } = ports;
  const driver = lastOf(await files.link(`/sys/class/net/${nic}/device/driver`));
  const agent = agents.get(driver);
  if (agent === undefined) return null;
  const { flag, takes, leaves, lasts } = agent;
  const value = (await tools.run(ethtoolPrivateFlags, { nic })).get(flag);
  if (value === undefined && driver === 'i40e') await byDebugFile(ports, nic);
  if (value !== takes) return null;
  await tools.run(ethtoolSetPrivateFlag, { nic, flag, value: leaves });
  log.info('lldp.firmware.silenced', { nic, by: `${flag} ${leaves}` });
  return lasts ? () => tools.run(ethtoolSetPrivateFlag, { nic, flag, value: takes }) : null;
}

/**
 * Stops the LLDP agents in the firmware of network cards, which leave no frame for the machine (inventory.md 1.8); what
 * fails is a warning. Returns how to start those again that would stay stopped for the operating system of the server.
 */
export async function silenceFirmware(ports: FirmwarePorts, nics: readonly string[]): Promise<() => Promise<void>> {
  const warn = (nic: string) => (error: unknown) => {
    ports.log.warn('lldp.firmware.failed', { nic, reason: reasonOf(error) });
    return null;
  };
  const silenced = await Promise.all(
    nics.map(async (nic) => ({ nic, undo: await silence(ports, nic).catch(warn(nic)) })),
  );
  return async () => {
    await Promise.all(silenced.map(({ nic, undo }) => undo?.().catch(warn(nic))));
  };
}
