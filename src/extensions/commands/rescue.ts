import { Type } from 'typebox';
import {
  type Command,
  CommandExecutionFailed,
  defineCommand,
  InvalidCommandParams,
  type Run,
} from '../../core/index.ts';
import { prepareRescue } from '../../hardware/index.ts';
import type { AgentPorts } from '../ports.ts';

/** openssl would cut a longer one without a word, and the tenant could not log in. */
const MAX_PLAIN_BYTES = 256;
/** What chpasswd reads as one field: no colon, no blank, no line end. */
const CRYPT_HASH = /^[!-9;-~]+$/;
const CONTROL = /\p{Cc}/u;

function assertUsable(text: string, hashed: boolean): void {
  if (text === '') throw InvalidCommandParams('rescue_password is empty');
  if (hashed && !CRYPT_HASH.test(text)) throw InvalidCommandParams('rescue_password is not a password hash');
  if (!hashed && (CONTROL.test(text) || Buffer.byteLength(text) > MAX_PLAIN_BYTES))
    throw InvalidCommandParams(`rescue_password must be one line of at most ${MAX_PLAIN_BYTES} bytes`);
}

const finalizeRescue = defineCommand({
  name: 'rescue.finalize_rescue',
  kind: 'sync',
  doc: 'Hand the rescue password to the ramdisk, answer, then stop API and heartbeats for good; links stay up.',
  result: 'none',
  params: Type.Object({
    rescue_password: Type.Optional(Type.String({ default: '', description: 'Of user `rescue`; must not be empty.' })),
    hashed: Type.Optional(Type.Boolean({ default: false, description: 'True: a crypt hash. False: hashed here.' })),
  }),
  throws: [CommandExecutionFailed],
  check: ({ rescue_password = '', hashed = false }) => assertUsable(rescue_password, hashed),
  run: async ({ rescue_password = '', hashed = false }, { ports, signal }: Run<AgentPorts>) => {
    ports.secrets.add(rescue_password);
    await prepareRescue(ports.hardware, { text: rescue_password, hashed }, signal);
    ports.control.rescued();
  },
});

export const rescueCommands: readonly Command<AgentPorts>[] = [finalizeRescue];
