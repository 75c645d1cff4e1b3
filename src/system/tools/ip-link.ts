import { Type } from 'typebox';
import { parse } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

const Link = Type.Object({
  ifname: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  permaddr: Type.Optional(Type.String()),
  addr_info: Type.Optional(
    Type.Array(
      Type.Object({
        family: Type.Optional(Type.String()),
        local: Type.Optional(Type.String()),
        prefixlen: Type.Optional(Type.Integer({ minimum: 0, maximum: 128 })),
        scope: Type.Optional(Type.String()),
      }),
    ),
  ),
});

export interface LinkAddress {
  readonly family: string;
  readonly local: string;
  /** Length of the network part in bits, null when the kernel does not tell. */
  readonly prefix: number | null;
  readonly scope: string;
}

export interface LinkFacts {
  readonly name: string;
  /** Current hardware address. */
  readonly address: string | null;
  /** Burnt-in hardware address; the kernel tells it only when it differs from the current one. */
  readonly permanent: string | null;
  /** In kernel order. */
  readonly addresses: readonly LinkAddress[];
}

const ip = { bin: 'ip', packages: { debian: 'iproute2', redhat: 'iproute' }, timeoutMs: 10_000 } as const;

/** Every link with its permanent hardware address and its addresses. */
export const ipLinks = defineTool({
  ...ip,
  effect: 'reads',
  argv: () => ['-j', '-d', 'addr'],
  parse: (out): readonly LinkFacts[] =>
    parse(Type.Array(Link), JSON.parse(out.stdout), 'ip addr').map((link) => ({
      name: link.ifname ?? '',
      address: link.address ?? null,
      permanent: link.permaddr ?? null,
      addresses: (link.addr_info ?? []).map((a) => ({
        family: a.family ?? '',
        local: a.local ?? '',
        prefix: a.prefixlen ?? null,
        scope: a.scope ?? '',
      })),
    })),
});

export const ipLinkDown = defineTool({
  ...ip,
  effect: 'changes',
  argv: (i: { readonly nic: string }) => ['link', 'set', 'dev', i.nic, 'down'],
  parse: () => undefined,
});

export const ipLinkUp = defineTool({
  ...ip,
  effect: 'changes',
  argv: (i: { readonly nic: string }) => ['link', 'set', 'dev', i.nic, 'up'],
  parse: () => undefined,
});

/** A VLAN interface on top of another one; it starts down. */
export const ipLinkAddVlan = defineTool({
  ...ip,
  effect: 'changes',
  argv: (i: { readonly nic: string; readonly name: string; readonly id: number }) => [
    ...['link', 'add', 'link', i.nic, 'name', i.name],
    ...['type', 'vlan', 'id', String(i.id)],
  ],
  parse: () => undefined,
});
