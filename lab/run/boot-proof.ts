import { reasonOf } from '../../src/core/index.ts';
import { BANNER_END, readBanner } from '../images/index.ts';
import type { Machine } from '../machine/index.ts';
import type { BootedOs, LabSpec } from '../scenario/index.ts';
import { OsNotSeen } from './errors.ts';

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function checked(spec: LabSpec, serialLines: readonly string[], line: string): BootedOs {
  const banner = readBanner(serialLines.join('\n'));
  if (banner === null) throw OsNotSeen('the system is up but its banner is not whole');
  const wrong = [
    banner.hostname === spec.instance.hostname ? [] : [`hostname ${banner.hostname ?? 'none'}`],
    banner.uuid === spec.instance.uuid ? [] : [`uuid ${banner.uuid ?? 'none'}`],
    banner.firmware === spec.firmware ? [] : [`firmware ${banner.firmware}`],
  ].flat();
  if (wrong.length > 0)
    throw OsNotSeen(
      `the system reported ${wrong.join(', ')}; expected ${spec.instance.hostname}, ${spec.instance.uuid}`,
    );
  const { firmware, loader, disk, diskSerial, hostname, uuid } = banner;
  return { line, firmware, loader, disk, diskSerial, hostname, uuid };
}

/**
 * Waits until the deployed system shows itself on the serial console. Our own image must also have read the host name
 * and uuid of its config drive. @throws OsNotSeen
 */
export async function proveBoot(machine: Machine, spec: LabSpec, signal: AbortSignal): Promise<BootedOs> {
  const { expect, ours } = spec.image;
  const pattern = ours ? new RegExp(literal(expect)) : new RegExp(expect);
  try {
    const match = await machine.waitForSerial(pattern, spec.bootTimeoutMs, signal);
    const line = match.input ?? match[0];
    if (!ours) return { line, firmware: null, loader: null, disk: null, diskSerial: null, hostname: null, uuid: null };
    await machine.waitForSerial(new RegExp(literal(BANNER_END)), 30_000, signal);
    return checked(spec, machine.serial.lines(), line);
  } catch (error) {
    if (signal.aborted || OsNotSeen.is(error)) throw error;
    throw OsNotSeen(reasonOf(error), { cause: error });
  }
}
