import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWhole } from './digest.ts';
import { cache } from './paths.ts';

/** Size and time of a finished file: enough to see that somebody replaced it, without reading it. */
const look = (path: string) => {
  const facts = statSync(path);
  return `${facts.size} ${facts.mtimeMs}`;
};

const pathOf = (name: string) => join(cache, 'stamps', name);
const textOf = (inputs: string, outputs: readonly string[]) =>
  `${[inputs, ...outputs.map((path) => `${path} ${look(path)}`)].join('\n')}\n`;

/** Whether `outputs` are the ones that were made from `inputs`. */
export function isFresh(name: string, inputs: string, outputs: readonly string[]): boolean {
  if (!existsSync(pathOf(name)) || !outputs.every((path) => existsSync(path))) return false;
  return readFileSync(pathOf(name), 'utf8') === textOf(inputs, outputs);
}

export function markFresh(name: string, inputs: string, outputs: readonly string[]): void {
  mkdirSync(dirname(pathOf(name)), { recursive: true });
  writeWhole(pathOf(name), textOf(inputs, outputs));
}
