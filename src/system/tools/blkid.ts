import { defineTool, type ToolOutput } from '../tool.ts';

const facts = {
  bin: 'blkid',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'reads',
  timeoutMs: 60_000,
} as const;

const textOrNull = (out: ToolOutput) => (out.stdout.trim() === '' ? null : out.stdout.trim());

/**
 * Label of the file system on a device, read from the device itself and not from a cache; null without one, and when
 * several file systems claim the device.
 */
export const blkidLabel = defineTool({
  ...facts,
  okExits: [0, 2, 8],
  argv: (i: { readonly device: string }) => ['--probe', '-s', 'LABEL', '-o', 'value', i.device],
  parse: textOrNull,
});

/** Identifier of the file system on a device, as `blkidLabel`. */
export const blkidUuid = defineTool({
  ...facts,
  okExits: [0, 2, 8],
  argv: (i: { readonly device: string }) => ['--probe', '-s', 'UUID', '-o', 'value', i.device],
  parse: textOrNull,
});

/** What the device itself says of its content and of its entry in the partition table; null: it does not say. */
export interface Contents {
  /** `ext4`, `swap`, `LVM2_member`, ... */
  readonly type: string | null;
  readonly uuid: string | null;
  readonly label: string | null;
  readonly partUuid: string | null;
  readonly partLabel: string | null;
}

/** Values are escaped as a shell would want them. */
const exported = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map((m) => [m[1] ?? '', (m[2] ?? '').replace(/\\(.)/g, '$1')]));

/** Read from the device, not from a cache. Nothing is known where several file systems claim it. */
export const blkidContents = defineTool({
  bin: 'blkid',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'reads',
  timeoutMs: 60_000,
  okExits: [0, 2, 8],
  argv: (i: { readonly device: string }) => ['--probe', '-o', 'export', i.device],
  parse: (out): Contents => {
    const values = exported(out.stdout);
    const of = (key: string) => values.get(key) ?? null;
    return {
      type: of('TYPE'),
      uuid: of('UUID'),
      label: of('LABEL'),
      partUuid: of('PART_ENTRY_UUID'),
      partLabel: of('PART_ENTRY_NAME'),
    };
  },
});
