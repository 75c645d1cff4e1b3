import { Type } from 'typebox';

const readList = (raw: string) =>
  raw
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function readDict(raw: string): unknown {
  const pairs = readList(raw).map((pair) => /^([^:]+):(.*)$/s.exec(pair));
  if (pairs.includes(null)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1]?.trim() ?? '', pair?.[2]?.trim() ?? '']));
}

export const list = {
  schema: Type.Immutable(Type.Array(Type.String())),
  read: readList,
  allowed: 'a comma-separated list',
};

/** A comma list whose items all have one form. */
export function listOf(pattern: string, allowed: string) {
  return { schema: Type.Immutable(Type.Array(Type.String({ pattern }))), read: readList, allowed };
}

export const dict = {
  schema: Type.Record(Type.String(), Type.String()),
  read: readDict,
  allowed: 'comma-separated key:value pairs',
};
