import { defineTool } from '../tool.ts';

export interface PartitionType {
  readonly number: number;
  /** GPT type GUID or MBR type such as `0xfb`, in lower case. */
  readonly type: string;
}

/** Partition types read from the table on the device, not from udev; empty without a readable table. */
export const partxTypes = defineTool({
  bin: 'partx',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'reads',
  timeoutMs: 60_000,
  okExits: [0, 1],
  argv: (i: { readonly device: string }) => ['--raw', '--noheadings', '-o', 'NR,TYPE', i.device],
  parse: (out): readonly PartitionType[] =>
    [...out.stdout.matchAll(/^(\d+) (\S+)$/gm)].map((m) => ({
      number: Number(m[1]),
      type: (m[2] ?? '').toLowerCase(),
    })),
});

/** Makes the kernel forget all partitions of a disk; exit 1 means that it knew none or that one is in use. */
export const partxDelete = defineTool({
  bin: 'partx',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'changes',
  timeoutMs: 60_000,
  okExits: [0, 1],
  argv: (i: { readonly device: string }) => ['--delete', i.device],
  parse: () => undefined,
});

/** Brings the kernel's list of partitions in line with the table on the disk, partition by partition. */
export const partxUpdate = defineTool({
  bin: 'partx',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'changes',
  timeoutMs: 60_000,
  okExits: [0, 1],
  argv: (i: { readonly device: string }) => ['--update', i.device],
  parse: () => undefined,
});
