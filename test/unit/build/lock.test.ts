import { describe, expect, it } from 'vitest';
import { addresses, type Lock, missingStubs, stubFor } from '../../../build/lock.mjs';

const lockOf = (packages: Lock['packages']): Lock => ({ packages });

describe('lock file stubs', () => {
  it.each([
    ['@biomejs/cli-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
    ['@biomejs/cli-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['@x/binding-linux-arm64-gnu', { os: ['linux'], cpu: ['arm64'], libc: ['glibc'] }],
    ['@x/binding-wasm32-wasi', { cpu: ['wasm32'] }],
  ])('reads the platform from the name %s', (name, platform) => {
    expect(stubFor(name, '^1.2.3')).toEqual({ version: '1.2.3', optional: true, ...platform });
  });

  it('refuses a name that tells no platform, since npm would then install the stub', () => {
    expect(() => stubFor('fsevents', '2.3.3')).toThrow(/tells no platform/);
  });

  it('adds what is absent, at the top when that place is free', () => {
    const lock = lockOf({ '': {}, 'node_modules/a': { dev: true, optionalDependencies: { 'a-win32-x64': '1.0.0' } } });
    expect(missingStubs(lock)).toEqual({
      'node_modules/a-win32-x64': { version: '1.0.0', cpu: ['x64'], os: ['win32'], optional: true, dev: true },
    });
  });

  it('nests under its dependent when the top holds another version', () => {
    const lock = lockOf({
      'node_modules/a': { optionalDependencies: { 'b-linux-arm': '2.0.0' } },
      'node_modules/b-linux-arm': { version: '1.0.0' },
    });
    expect(Object.keys(missingStubs(lock))).toEqual(['node_modules/a/node_modules/b-linux-arm']);
  });

  it('finds nothing to do when every optional entry is there', () => {
    const lock = lockOf({
      'node_modules/a': { optionalDependencies: { 'b-linux-arm': '^2.0.0' } },
      'node_modules/a/node_modules/b-linux-arm': { version: '2.1.0' },
    });
    expect(missingStubs(lock)).toEqual({});
  });

  it('names entries that carry the address of a registry', () => {
    expect(addresses(lockOf({ 'node_modules/a': { resolved: 'https://registry.example/a.tgz' } }))).toEqual([
      'node_modules/a',
    ]);
  });
});
