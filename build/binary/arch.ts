import { BuildFailed } from '../kit/index.ts';

export type Arch = 'x64' | 'arm64';

interface ArchFacts {
  /** SHA-256 of `bin/node` in the npm package; a build with other bytes is refused. */
  readonly nodeDigest: string;
  readonly strip: string;
  /** ELF `e_machine`. */
  readonly machine: number;
  /** Name of the finished file in `dist/`. */
  readonly output: string;
}

export const archs: Readonly<Record<Arch, ArchFacts>> = {
  x64: {
    nodeDigest: 'ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da',
    strip: 'x86_64-linux-gnu-strip',
    machine: 62,
    output: 'ironic-node-agent',
  },
  arm64: {
    nodeDigest: '71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03',
    strip: 'aarch64-linux-gnu-strip',
    machine: 183,
    output: 'ironic-node-agent-arm64',
  },
};

export function parseArch(name: string): Arch {
  if (name === 'x64' || name === 'arm64') return name;
  throw new BuildFailed(`architecture ${name} is unknown; choose one of: ${Object.keys(archs).join(', ')}`);
}
