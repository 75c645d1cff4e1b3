import * as tools from '../../src/system/tools/index.ts';
import { basePackages, firmwarePackages, kernelPackages } from './base-packages.ts';

export interface Command {
  readonly bin: string;
  readonly debian: string;
}

function commandOf(value: unknown): Command | undefined {
  if (typeof value !== 'object' || value === null || !('bin' in value) || !('packages' in value)) return undefined;
  const { bin, packages } = value;
  if ('shipped' in value && value.shipped === false) return undefined;
  if (typeof bin !== 'string' || typeof packages !== 'object' || packages === null) return undefined;
  return 'debian' in packages && typeof packages.debian === 'string' ? { bin, debian: packages.debian } : undefined;
}

/** Tools stand alone or in records of tools. */
function commandsIn(value: unknown): Command[] {
  const command = commandOf(value);
  if (command !== undefined) return [command];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(commandsIn) : [];
}

const byName = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** Every program that the agent may start, once, with the Debian package that brings it. */
export function declaredCommands(): readonly Command[] {
  const found = new Map(commandsIn({ ...tools }).map((command) => [command.bin, command]));
  return [...found.values()].sort((a, b) => byName(a.bin, b.bin));
}

/** The packages of the ramdisk, kernel and firmware apart. */
export function plainPackages(commands: readonly Command[]): readonly string[] {
  return [...new Set([...basePackages, ...commands.map(({ debian }) => debian)])].sort(byName);
}

const header = '# Generated from the tool declarations in src/system/tools by `npm run ramdisk`; do not edit.\n';

/** `package-installs.yaml` of the element. */
export function packageInstalls(commands: readonly Command[]): string {
  const plain = plainPackages(commands).map((name) => `${name}:\n`);
  const kernels = Object.entries(kernelPackages).map(([name, arch]) => `${name}:\n  arch: ${arch}\n`);
  const firmware = firmwarePackages.map((name) => `${name}:\n  when: IPA_DEBIAN_NONFREE = 1\n`);
  return [header, ...plain, ...kernels, ...firmware].join('');
}

/** `commands.txt` of the element: what must be found in the finished root. */
export function commandList(commands: readonly Command[]): string {
  return commands.map(({ bin, debian }) => `${bin} ${debian}\n`).join('');
}
