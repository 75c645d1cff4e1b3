import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, ErrorType, Step } from '../../src/core/index.ts';
import type { Tool } from '../../src/system/index.ts';
import { root } from '../kit/index.ts';
import { isObject, type Json } from './schema-text.ts';

/** Something declared in the sources, with the file and the name it is exported under. */
export interface Declared<T> {
  readonly file: string;
  readonly name: string;
  readonly value: T;
}

type Guard<T> = (value: unknown) => value is T;

const hasText = (value: Json, ...keys: readonly string[]) => keys.every((key) => typeof value[key] === 'string');
const hasFunction = (value: Json, ...keys: readonly string[]) => keys.every((key) => typeof value[key] === 'function');

export const isErrorType = (value: unknown): value is ErrorType => {
  if (typeof value !== 'function' || !('spec' in value) || !('type' in value)) return false;
  return typeof value.type === 'string' && isObject(value.spec) && hasText(value.spec, 'message', 'doc');
};
export const isTool = (value: unknown): value is Tool<unknown, unknown> =>
  isObject(value) && hasText(value, 'bin', 'effect') && isObject(value.packages) && hasFunction(value, 'argv', 'parse');
export const isCommand = (value: unknown): value is Command<unknown> =>
  isObject(value) && hasText(value, 'name', 'doc', 'kind', 'result') && hasFunction(value, 'validate', 'invoke');
export const isStep = (value: unknown): value is Step<unknown> =>
  isObject(value) && hasText(value, 'name', 'doc', 'interface') && isObject(value.in) && hasFunction(value, 'invoke');

/** Files below the project folder, sorted. */
export const sourcesLike = (...patterns: readonly string[]): readonly string[] =>
  globSync([...patterns], { cwd: root }).sort();

/** What a value holds of one sort: itself, or up to two levels inside lists and plain objects. */
function within<T>(name: string, value: unknown, guard: Guard<T>, depth = 2): readonly (readonly [string, T])[] {
  if (guard(value)) return [[name, value]];
  if (depth === 0 || (!Array.isArray(value) && !isObject(value))) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    within(Array.isArray(value) ? name : `${name}.${key}`, item, guard, depth - 1),
  );
}

/** Every exported declaration of one sort in these files; what is exported twice is listed once. */
export async function declaredIn<T>(files: readonly string[], guard: Guard<T>): Promise<readonly Declared<T>[]> {
  const seen = new Set<T>();
  const found: Declared<T>[] = [];
  for (const file of files) {
    const module: Json = await import(join(root, file));
    for (const [name, value] of Object.entries(module).flatMap(([key, item]) => within(key, item, guard))) {
      if (seen.has(value)) continue;
      seen.add(value);
      found.push({ file, name, value });
    }
  }
  return found;
}

export const roomOf = (file: string): string => file.split('/')[1] ?? '';
