import { describe, expect, it } from 'vitest';
import { findMirrors, parseDeb822, parseOneLine, sourceLines } from '../../../build/ramdisk/sources.ts';

const deb822 = `Types: deb deb-src
# a remark
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
 non-free-firmware

Types: deb
URIs: http://mirror.example/debian-security/
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://other.example/debian
Suites: bookworm
Components: main
`;

describe('apt sources', () => {
  it('reads stanzas: several suites, continued fields, switched-off ones', () => {
    const main = { uri: 'http://mirror.example/debian', components: ['main', 'non-free-firmware'] };
    expect(parseDeb822(deb822)).toEqual([
      { ...main, suite: 'bookworm' },
      { ...main, suite: 'bookworm-updates' },
      { uri: 'http://mirror.example/debian-security/', suite: 'bookworm-security', components: ['main'] },
    ]);
  });

  it('reads lines: options, remarks, source packages', () => {
    const text = [
      '# deb http://no.example/debian bookworm main',
      'deb [arch=amd64 signed-by=/k.gpg] https://mirror.example/debian bookworm main contrib # here',
      'deb-src https://mirror.example/debian bookworm main',
    ].join('\n');
    expect(parseOneLine(text)).toEqual([
      { uri: 'https://mirror.example/debian', suite: 'bookworm', components: ['main', 'contrib'] },
    ]);
  });

  it('tells the main mirror from that of security updates and from third parties', () => {
    const sources = [
      { uri: 'https://deb.vendor.example/node', suite: 'nodistro', components: ['main'] },
      ...parseDeb822(deb822),
    ];
    expect(findMirrors(sources)).toEqual({
      main: 'http://mirror.example/debian',
      security: 'http://mirror.example/debian-security',
    });
  });

  it('obeys the environment', () => {
    const env = { DIB_DISTRIBUTION_MIRROR: 'http://own.example/debian/' };
    expect(findMirrors([], env)).toEqual({ main: 'http://own.example/debian' });
  });

  it('says what to do when there is no mirror', () => {
    expect(() => findMirrors([])).toThrow(/DIB_DISTRIBUTION_MIRROR=/);
  });

  it('writes the lines of a release, with security updates where the machine has them', () => {
    const mirrors = { main: 'http://m.example/debian', security: 'http://m.example/debian-security' };
    expect(sourceLines(mirrors, 'trixie', 'main,non-free-firmware')).toEqual([
      'default:deb http://m.example/debian trixie main non-free-firmware',
      'updates:deb http://m.example/debian trixie-updates main non-free-firmware',
      'security:deb http://m.example/debian-security trixie-security main non-free-firmware',
    ]);
    expect(sourceLines({ main: 'http://m.example/debian' }, 'sid', 'main')).toEqual([
      'default:deb http://m.example/debian sid main',
    ]);
  });
});
