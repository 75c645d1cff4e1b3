import { type Static, Type } from 'typebox';

/** Group, thing, field, value: one fact of the extra-hardware collector as the servers' hooks read it (inventory.md 5.6). */
export const Item = Type.Tuple([
  Type.String(),
  Type.String(),
  Type.String(),
  Type.Union([Type.String(), Type.Number()]),
]);
export type Item = Static<typeof Item>;
export const Items = Type.Array(Item);

/** Values that are not known; the fields have none then. */
type Value = string | number | null | undefined;

/** The fields of one thing, in their order; what is unknown or empty is left out. */
export const itemsOf = (group: string, thing: string, fields: Readonly<Record<string, Value>>): readonly Item[] =>
  Object.entries(fields).flatMap(([field, value]): Item[] =>
    value === null || value === undefined || value === '' ? [] : [[group, thing, field, value]],
  );
