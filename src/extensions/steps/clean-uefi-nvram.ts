import { Type } from 'typebox';
import { defineStep, InvalidCommandParams, type Run, reasonOf, type Step } from '../../core/index.ts';
import { cleanNvram, DISK_ENTRIES } from '../../image/index.ts';
import type { AgentPorts } from '../ports.ts';

/** In the reference's language case can be ignored by a mark at the beginning; here it always is. */
const CASE_MARK = /^\(\?i\)/;

function readPattern(text: string): RegExp {
  try {
    return new RegExp(text.replace(CASE_MARK, ''), 'i');
  } catch (error) {
    throw InvalidCommandParams(`match_patterns: ${text} is no regular expression: ${reasonOf(error)}`);
  }
}

/** steps.md 3.13. */
export const cleanUefiNvram: Step<AgentPorts> = defineStep({
  name: 'clean_uefi_nvram',
  interface: 'deploy',
  doc: 'Remove boot entries from the memory of the UEFI firmware: by default all that start something from a disk, also those of systems on protected disks.',
  in: { clean: { priority: 0 }, deploy: { priority: 0 } },
  abortable: true,
  argsinfo: {
    match_patterns: {
      description:
        'List of regular expressions; an entry goes when one of them is found in its device path, in any case. Default: hard disks, shim and GRUB.',
      required: false,
    },
  },
  args: Type.Object(
    { match_patterns: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])) },
    { additionalProperties: false },
  ),
  throws: [InvalidCommandParams],
  run: async ({ match_patterns }, { ports, signal }: Run<AgentPorts>) => {
    await cleanNvram(ports.image, (match_patterns ?? DISK_ENTRIES).map(readPattern), signal);
    return null;
  },
});
