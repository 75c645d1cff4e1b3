import { defineTool } from '../tool.ts';

/** One structure of the SMBIOS table as `dmidecode` prints it. */
export interface DmiBlock {
  readonly type: number;
  /** `Handle`, then every label; a label with nothing behind it holds the list of the lines below it. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
}

const HANDLE = /^Handle 0x[0-9A-Fa-f]+, DMI type (\d+), \d+ bytes$/;

function readFields(lines: readonly string[]): DmiBlock['fields'] {
  const fields = new Map<string, string | string[]>();
  let list: string[] | null = null;
  for (const line of lines) {
    const cut = line.indexOf(':');
    if (cut < 0) {
      list?.push(line.trim());
      continue;
    }
    const value = line.slice(cut + 1).trim();
    list = value === '' ? [] : null;
    fields.set(line.slice(0, cut).trim(), list ?? value);
  }
  return Object.fromEntries(fields);
}

/** Blocks between blank lines that start with a handle; everything else is banter of the program. */
function readBlocks(text: string): readonly DmiBlock[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const lines = block.split('\n').filter((line) => line.trim() !== '');
    const start = lines.findIndex((line) => HANDLE.test(line));
    const handle = lines[start] ?? '';
    const type = HANDLE.exec(handle)?.[1];
    // The line below the handle is the title of the structure.
    return type === undefined
      ? []
      : [{ type: Number(type), fields: { Handle: handle, ...readFields(lines.slice(start + 2)) } }];
  });
}

/** BIOS, processors and memory as the firmware describes them (inventory.md 5.4). */
export const dmidecode = defineTool({
  bin: 'dmidecode',
  packages: { debian: 'dmidecode', redhat: 'dmidecode' },
  effect: 'reads',
  timeoutMs: 20_000,
  argv: () => ['-t', 'bios', '-t', 'processor', '-t', 'memory'],
  parse: (out): readonly DmiBlock[] => readBlocks(out.stdout),
});
