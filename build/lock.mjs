/**
 * A registry mirror may lack packages of foreign platforms. npm then leaves those optional entries out of the lock
 * file, and `npm ci` refuses it everywhere. This script adds them as stubs that no machine here will install.
 *
 * `node build/lock.mjs` fixes package-lock.json; `node build/lock.mjs --check` only says whether it is right.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];
const LIBC = { musl: 'musl', gnu: 'glibc', glibc: 'glibc' };

/** Where Node would look for `name` from the package at `path`: the nearest node_modules first. */
function lookupPlaces(path, name) {
  const places = [];
  for (let at = path; ; ) {
    places.push(at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`);
    if (at === '') return places;
    const cut = at.lastIndexOf('/node_modules/');
    at = cut < 0 ? '' : at.slice(0, cut);
  }
}

const exactVersion = (spec) => /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(spec);

/** A stub with what npm reads to skip it: version, os, cpu, libc, all told by the package's name. */
export function stubFor(name, spec) {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const os = OS.filter((word) => words.includes(word));
  const cpu = CPU.filter((word) => words.includes(word));
  const libc = words.flatMap((word) => LIBC[word] ?? []);
  if (os.length === 0 && cpu.length === 0)
    throw new Error(`${name}: optional, absent from the lock, and its name tells no platform: install it or drop it`);
  return {
    version: spec.replace(/^[\^~>=v\s]+/, ''),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  };
}

/** The entries that `lock` lacks: `{ "<place>": stub }`. Pure. */
export function missingStubs(lock) {
  const stubs = {};
  const at = (place) => lock.packages[place] ?? stubs[place];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, spec] of Object.entries(entry.optionalDependencies ?? {})) {
      const places = lookupPlaces(path, name);
      const found = places.find((place) => at(place) !== undefined);
      if (found !== undefined && (!exactVersion(spec) || at(found).version === spec)) continue;
      const top = places[places.length - 1];
      const place = found === undefined ? top : places[0];
      stubs[place] = { ...stubFor(name, spec), ...(entry.dev === true ? { dev: true } : {}) };
    }
  }
  return stubs;
}

/** Registry addresses belong to a machine, not to the project. */
export function addresses(lock) {
  return Object.keys(lock.packages).filter((place) => lock.packages[place].resolved !== undefined);
}

function fixed(lock) {
  const entries = Object.entries({ ...lock.packages, ...missingStubs(lock) });
  const sorted = entries.sort(([a], [b]) => a.localeCompare(b, 'en'));
  return {
    ...lock,
    packages: Object.fromEntries(sorted.map(([place, entry]) => [place, { ...entry, resolved: undefined }])),
  };
}

function main(args) {
  const path = join(import.meta.dirname, '..', 'package-lock.json');
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  const missing = Object.keys(missingStubs(lock));
  const named = addresses(lock);
  if (missing.length + named.length === 0) return 0;
  if (args.includes('--check')) {
    for (const place of missing) console.error(`package-lock.json lacks ${place}`);
    for (const place of named) console.error(`package-lock.json names a registry address for ${place}`);
    console.error('run: npm run lock:fix');
    return 1;
  }
  writeFileSync(path, `${JSON.stringify(fixed(lock), null, 2)}\n`);
  console.log(`package-lock.json: ${missing.length} stub entries added, ${named.length} addresses removed`);
  return 0;
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(resolve(started)).href)
  process.exitCode = main(process.argv.slice(2));
