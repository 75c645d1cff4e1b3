import { InvalidImage } from '../errors.ts';
import { type ForeignFormat, type Format, isForeign, matchingFormats, mbrProblem } from './signatures.ts';

export interface FormatRules {
  /** Lower case; null when not known. */
  readonly declared: string | null;
  readonly permitted: readonly string[];
  readonly deepInspection: boolean;
}

/** `name` is what it is called in reports: `raw`, `gpt`, `iso`, `qcow2`, ... `warning` is said once in the log. */
export type FormatDecision =
  | { readonly decoder: 'raw' | 'qcow2'; readonly name: string; readonly warning: string | null }
  | { readonly decoder: 'qemu'; readonly name: ForeignFormat; readonly warning: null };

const convert = 'convert it to raw or qcow2';

/** Exactly one format may match; a file that is two things at once is an attack until somebody says otherwise. */
function inspected(found: readonly Format[], declared: string | null): Format | 'raw' {
  const [first = 'raw', ...others] = found;
  if (others.length === 0) return first;
  const isHybridIso = declared === 'iso' && found.every((format) => format === 'iso' || format === 'gpt');
  if (isHybridIso) return 'iso';
  throw InvalidImage(`the image matches several formats at once: ${found.join(', ')}`, {
    hint: 'declare its disk_format, or convert it with a tool that writes a clean file',
  });
}

function check(format: string, head: Uint8Array, rules: FormatRules): void {
  const { declared, permitted } = rules;
  if (declared !== null && declared !== format)
    throw InvalidImage(`the image is declared as ${declared}, but its content is ${format}`, {
      hint: 'correct disk_format of the image',
    });
  const isPermitted = permitted.includes(format) || (format === 'gpt' && permitted.includes('raw'));
  if (!isPermitted)
    throw InvalidImage(`image format ${format} is not permitted here; permitted are ${permitted.join(', ')}`, {
      hint: 'see permitted_image_formats of the conductor',
    });
  const problem = format === 'gpt' && rules.deepInspection ? mbrProblem(head) : null;
  if (problem !== null)
    throw InvalidImage(`the partition table of the image is suspicious: ${problem}`, {
      hint: 'declare disk_format=raw if the image is really meant to be written as it is',
    });
}

/** What the image is (imaging 2.4). Declared raw and gpt images are written bit by bit and never looked at.
 * @param head the first bytes, at least 36 KiB where the image has them. @throws InvalidImage */
export function decideFormat(head: Uint8Array, rules: FormatRules): FormatDecision {
  const { declared } = rules;
  const found = matchingFormats(head);
  if (declared === 'raw' || declared === 'gpt') {
    const odd = found.filter((format) => format !== 'gpt' && format !== 'iso');
    const warning = odd.length === 0 ? null : `declared ${declared}, looks like ${odd.join(', ')}; written as it is`;
    return { decoder: 'raw', name: declared, warning };
  }
  const format = rules.deepInspection ? inspected(found, declared) : (found[0] ?? 'raw');
  check(format, head, rules);
  if (format === 'qcow2') return { decoder: 'qcow2', name: format, warning: null };
  if (format === 'raw' || format === 'gpt' || format === 'iso') return { decoder: 'raw', name: format, warning: null };
  if (isForeign(format)) return { decoder: 'qemu', name: format, warning: null };
  throw InvalidImage(`image format ${format} is not supported by this agent`, { hint: convert });
}
