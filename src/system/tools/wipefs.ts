import { Type } from 'typebox';
import { parse } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Listing = Type.Object({
  signatures: Type.Array(Type.Object({ type: Type.String(), offset: Type.String(), uuid: Text, label: Text })),
});

/** One file system, RAID, LVM or partition table magic that libblkid finds on a device. */
export interface Signature {
  readonly type: string;
  /** Hexadecimal text such as `0x438`. */
  readonly offset: string;
  readonly label: string | null;
}

/** Reads the device itself: unlike lsblk it needs no udev database and finds several signatures at once. */
export const wipefsList = defineTool({
  bin: 'wipefs',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'reads',
  timeoutMs: 60_000,
  argv: (i: { readonly device: string }) => ['--json', i.device],
  parse: (out): readonly Signature[] =>
    out.stdout.trim() === ''
      ? []
      : parse(Listing, JSON.parse(out.stdout), 'wipefs').signatures.map((s) => ({
          type: s.type,
          offset: s.offset,
          label: s.label ?? null,
        })),
});

/** Without `--force` on purpose: the kernel then refuses a device that is mounted or held (O_EXCL). */
export const wipefsAll = defineTool({
  bin: 'wipefs',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'destroys',
  timeoutMs: 120_000,
  argv: (i: { readonly device: string }) => ['--lock=yes', '--all', i.device],
  parse: () => undefined,
});
