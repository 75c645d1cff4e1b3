import { describe, expect, it } from 'vitest';
import { missingPackages, modulesAgree } from '../../../build/bootstrap.mjs';

const never = () => false;

describe('bootstrap', () => {
  it('believes dpkg where there is one', () => {
    const list = { binutils: 'strip', ovmf: '' };
    expect(missingPackages(list, new Set(['binutils']), never)).toEqual(['ovmf']);
    expect(missingPackages(list, new Set(['binutils', 'ovmf']), never)).toEqual([]);
  });

  it('looks for commands where there is no dpkg, and takes data for granted', () => {
    const list = { binutils: 'strip', cpio: 'cpio', ovmf: '' };
    expect(missingPackages(list, undefined, (command) => command === 'strip')).toEqual(['cpio']);
  });

  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0', integrity: 'x' },
      'node_modules/b-win32-x64': { version: '1.0.0', optional: true },
    },
  };

  it.each([
    ['the same, foreign platforms apart', { 'node_modules/a': { version: '1.0.0', integrity: 'x' } }, true],
    ['a package is absent', {}, false],
    ['other contents under the same version', { 'node_modules/a': { version: '1.0.0', integrity: 'y' } }, false],
    [
      'one package too many',
      { 'node_modules/a': { version: '1.0.0', integrity: 'x' }, 'node_modules/c': { version: '1.0.0' } },
      false,
    ],
  ])('compares node_modules with the lock: %s', (_why, packages, agree) => {
    expect(modulesAgree(lock, { packages })).toBe(agree);
  });
});
