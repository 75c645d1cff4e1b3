import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

function filesBelow(dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

/** Which rooms a room may import (style: one way only). `main.ts` may import all. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['core'],
  system: ['core'],
  hardware: ['core', 'system'],
  image: ['core', 'system', 'hardware'],
  ironic: ['core', 'system'],
  extensions: ['core', 'hardware', 'image'],
  runtime: ['core', 'config', 'system', 'hardware', 'image', 'ironic', 'extensions'],
  api: ['core', 'runtime'],
};

/** Modules that touch the machine: only the system room may hold them. */
const machineModules =
  /^(node:)?(child_process|fs|fs\/promises|net|tls|dgram|http|https|http2|worker_threads|os)$|^(execa|got|pino|tar-stream)$/;
/** The HTTP face needs a listener and TLS; fastify is its only way to one. */
const allowedOutsideSystem: Readonly<Record<string, RegExp>> = { 'src/api/http': /^fastify$/ };

interface Edge {
  readonly from: string;
  readonly to: string;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/g;

function importsOf(path: string): string[] {
  return [...readFileSync(join(root, path), 'utf8').matchAll(importPattern)].map((m) => m[1] ?? m[2] ?? m[3] ?? '');
}

function edgesOf(paths: readonly string[]): Edge[] {
  return paths.flatMap((from) =>
    importsOf(from)
      .filter((to) => to.startsWith('.'))
      .map((to) => ({ from, to: join(dirname(from), to) })),
  );
}

const roomOf = (path: string) => /^src\/([^/]+)\//.exec(path)?.[1] ?? 'main';

function orderBreaches(edges: readonly Edge[]): string[] {
  return edges
    .map(({ from, to }) => ({ from, to, a: roomOf(from), b: roomOf(to) }))
    .filter(({ a, b }) => a !== b && a !== 'main' && !(mayImport[a] ?? []).includes(b))
    .map(({ from, to }) => `${from} -> ${to}`);
}

/** Another room is entered by its index only; a neighbouring sub-folder too. */
function doorBreaches(edges: readonly Edge[]): string[] {
  return edges
    .filter(({ from, to }) => {
      if (basename(to) === 'index.ts' || from === 'src/main.ts') return false;
      if (roomOf(from) !== roomOf(to)) return true;
      const inside = relative(dirname(from), to);
      return inside.startsWith('..') && inside.replace(/^(\.\.\/)+/, '').includes('/');
    })
    .map(({ from, to }) => `${from} -> ${to}`);
}

const sources = filesBelow('src');
const lab = filesBelow('lab');
const lines = (path: string) => readFileSync(join(root, path), 'utf8').split('\n').length - 1;
/** Tables of data grow with what they describe. */
const isTable = (path: string) => /(^|\/)(errors|wire-errors)\.ts$|\/options\/|\/index\.ts$|\/lists?\.ts$/.test(path);

describe('architecture', () => {
  it('recognises a breach of the import order and of a door', () => {
    const edges = [
      { from: 'src/core/a.ts', to: 'src/system/index.ts' },
      { from: 'src/image/a.ts', to: 'src/hardware/disks/list.ts' },
    ];
    expect(orderBreaches(edges)).toEqual(['src/core/a.ts -> src/system/index.ts']);
    expect(doorBreaches(edges)).toEqual(['src/image/a.ts -> src/hardware/disks/list.ts']);
  });

  it('rooms import one way only', () => {
    expect(orderBreaches(edgesOf(sources))).toEqual([]);
  });

  it('rooms and sub-folders are entered by their index', () => {
    expect(doorBreaches(edgesOf(sources))).toEqual([]);
  });

  it('only the system room touches processes, files and sockets', () => {
    const touching = sources
      .filter((path) => !path.startsWith('src/system/') && path !== 'src/main.ts')
      .flatMap((path) => importsOf(path).map((to) => ({ path, to })))
      .filter(({ path, to }) => {
        const allowed = Object.entries(allowedOutsideSystem).find(([folder]) => path.startsWith(folder));
        return machineModules.test(to) && allowed?.[1].test(to) !== true;
      })
      .map(({ path, to }) => `${path} imports ${to}`);
    expect(touching).toEqual([]);
  });

  it('files stay small', () => {
    const tooLong = [...sources, ...lab].filter((path) => lines(path) > 300 && !isTable(path));
    expect(tooLong).toEqual([]);
    const sizes = sources.map(lines).sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThan(100);
  });

  it('files export at most ten names', () => {
    const tooMany = sources
      .filter((path) => !isTable(path))
      .map((path) => ({
        path,
        names: [
          ...readFileSync(join(root, path), 'utf8').matchAll(
            /^export (?:async )?(?:const|function|interface|type|class)\b/gm,
          ),
        ].length,
      }))
      .filter(({ names }) => names > 10)
      .map(({ path, names }) => `${path}: ${names}`);
    expect(tooMany).toEqual([]);
  });

  it('folders hold at most twelve files', () => {
    const folders = new Set([...sources, ...lab].map((path) => dirname(path)));
    // One file per external program: a flat register, not a room with a story.
    folders.delete('src/system/tools');
    const tooFull = [...folders]
      .map((folder) => ({
        folder,
        files: readdirSync(join(root, folder)).filter(
          (f) => statSync(join(root, folder, f)).isFile() && f !== 'index.ts',
        ).length,
      }))
      .filter(({ files }) => files > 12)
      .map(({ folder, files }) => `${folder}: ${files}`);
    expect(tooFull).toEqual([]);
  });
});
