import { Type } from 'typebox';
import { parse } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

const Field = Type.Object({ field: Type.String(), data: Type.Optional(Type.Union([Type.String(), Type.Null()])) });
const Listing = Type.Object({ lscpu: Type.Array(Type.Unknown()) });
const Nested = Type.Intersect([Field, Type.Object({ children: Type.Optional(Type.Array(Type.Unknown())) })]);

function flatten(rows: readonly unknown[]): readonly (readonly [string, string])[] {
  return rows.flatMap((raw) => {
    const row = parse(Nested, raw, 'lscpu field');
    const own: readonly [string, string] = [row.field.replace(/:\s*$/, '').trim().toLowerCase(), row.data ?? ''];
    return [own, ...flatten(row.children ?? [])];
  });
}

/** Fields by lower-case name such as `model name`; of a repeated name the last one wins. */
export const lscpu = defineTool({
  bin: 'lscpu',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'reads',
  timeoutMs: 10_000,
  argv: () => ['-J'],
  parse: (out): ReadonlyMap<string, string> => new Map(flatten(parse(Listing, JSON.parse(out.stdout), 'lscpu').lscpu)),
});
