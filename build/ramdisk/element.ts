import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inputsDigest, root, writeWhole } from '../kit/index.ts';
import { commandList, declaredCommands, packageInstalls } from './packages.ts';

export const elementName = 'ironic-node-agent-ramdisk';
export const elements = join(root, 'dib-elements');
export const element = join(elements, elementName);
/** A plain script of the element, which takes folders and knows nothing of diskimage-builder. */
export const script = (name: string) => join(element, 'agent-ramdisk', name);

function generatedFiles(): ReadonlyMap<string, string> {
  const commands = declaredCommands();
  return new Map([
    [join(element, 'package-installs.yaml'), packageInstalls(commands)],
    [join(element, 'agent-ramdisk', 'commands.txt'), commandList(commands)],
  ]);
}

/** Generated files whose text is not what the tool declarations say. */
export function staleFiles(): readonly string[] {
  return [...generatedFiles()]
    .filter(([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text)
    .map(([path]) => path);
}

/** Brings the generated files of the element up to date. */
export function generateElement(): void {
  const stale = new Set(staleFiles());
  for (const [path, text] of generatedFiles()) {
    if (!stale.has(path)) continue;
    writeWhole(path, text);
    chmodSync(path, 0o644);
  }
}

/** Variables by which an operator shapes the image; diskimage-builder's own among them. */
export function elementVariables(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const known = /^(DIB_|IPA_|https?_proxy$|no_proxy$)/;
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (known.test(name) && value !== undefined ? [[name, value]] : [])),
  );
}

/** These touch the last step only: the costly root file system does not depend on them. */
export const lateScripts = ['join-ramdisk', 'check-agent', 'init'] as const;
const late = new Set(['README.md', ...lateScripts.map((name) => `agent-ramdisk/${name}`)]);

/** Digest of all that the root file system is made from; `words` are further inputs, like the release. */
export function baseDigest(words: readonly string[]): string {
  const files = readdirSync(element, { recursive: true, encoding: 'utf8' })
    .filter((name) => !late.has(name) && statSync(join(element, name)).isFile())
    .sort();
  return inputsDigest(
    element,
    files.map((name) => join(element, name)),
    words,
  );
}
