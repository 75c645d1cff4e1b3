import { CommandExecutionFailed, reasonOf } from '../core/index.ts';
import { opensslPasswd } from '../system/index.ts';
import type { HardwarePorts } from './ports.ts';

/** Made with the ramdisk; without it nothing in the ramdisk would create the user. */
const FOLDER = '/etc/ipa-rescue-config';
const PASSWORD_FILE = `${FOLDER}/ipa-rescue-password`;
/** The machine belongs to a tenant now: the agent must never serve its API again (protocol.md 1.4). */
export const RESCUE_MARKER = '/etc/.rescued';

export interface RescuePassword {
  readonly text: string;
  /** True: `text` is a crypt hash already. */
  readonly hashed: boolean;
}

const SHA256_CRYPT = /^\$5\$[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}$/;

async function hashOf({ tools }: HardwarePorts, password: RescuePassword, signal: AbortSignal): Promise<string> {
  if (password.hashed) return password.text;
  const hash = await tools.run(opensslPasswd, { password: password.text }, signal);
  if (!SHA256_CRYPT.test(hash))
    throw CommandExecutionFailed('the rescue password could not be hashed by openssl passwd');
  return hash;
}

/**
 * Hands the password hash to the ramdisk, whose path unit creates the user `rescue`, and marks the machine as rescued.
 * @throws CommandExecutionError when the ramdisk was built without rescue; a marker that cannot be written is logged only
 */
export async function prepareRescue(
  ports: HardwarePorts,
  password: RescuePassword,
  signal: AbortSignal,
): Promise<void> {
  const { files, log } = ports;
  if ((await files.kind(FOLDER)) !== 'dir')
    throw CommandExecutionFailed(`the rescue password cannot be stored: ${FOLDER} does not exist`, {
      hint: 'build the ramdisk with its rescue units',
    });
  const hash = await hashOf(ports, password, signal);
  await files.write(PASSWORD_FILE, hash, { mode: 0o600 });
  await files.write(RESCUE_MARKER, '').catch((error: unknown) => {
    log.error('rescue.marker.failed', { path: RESCUE_MARKER, reason: reasonOf(error) });
  });
}
