import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { BuildFailed } from '../kit/index.ts';

/** One `deb` line's worth of an apt source. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

const words = (text: string | undefined) => (text ?? '').split(/\s+/).filter((word) => word !== '');

/** sources.list: one line each. */
export function parseOneLine(text: string): readonly AptSource[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    const [, uri, suite, components] = found ?? [];
    return uri === undefined || suite === undefined ? [] : [{ uri, suite, components: words(components) }];
  });
}

function parseStanza(stanza: string): readonly AptSource[] {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of stanza.split('\n').filter((text) => !text.startsWith('#'))) {
    const [, name, value] = /^([A-Za-z-]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) last = name.toLowerCase();
    if (last !== '') fields.set(last, `${fields.get(last) ?? ''} ${name === undefined ? line : (value ?? '')}`);
  }
  if (!words(fields.get('types')).includes('deb') || fields.get('enabled')?.trim() === 'no') return [];
  const components = words(fields.get('components'));
  return words(fields.get('uris')).flatMap((uri) =>
    words(fields.get('suites')).map((suite) => ({ uri, suite, components })),
  );
}

/** *.sources: stanzas of fields (deb822). */
export function parseDeb822(text: string): readonly AptSource[] {
  return text.split(/\n\s*\n/).flatMap(parseStanza);
}

/** The package sources of this machine. */
export function machineSources(etcApt = '/etc/apt'): readonly AptSource[] {
  const folder = `${etcApt}/sources.list.d`;
  const extra = existsSync(folder) ? readdirSync(folder).map((name) => `${folder}/${name}`) : [];
  const files = [`${etcApt}/sources.list`, ...extra.sort()].filter((path) => existsSync(path));
  return files.flatMap((path) => {
    if (path.endsWith('.sources')) return parseDeb822(readFileSync(path, 'utf8'));
    return path.endsWith('.list') ? parseOneLine(readFileSync(path, 'utf8')) : [];
  });
}

export interface Mirrors {
  readonly main: string;
  /** Absent where this machine takes no security updates. */
  readonly security?: string;
}

const trimmed = (uri: string) => uri.replace(/\/+$/, '');
const isMirror = ({ uri, components }: AptSource) => /^(https?|file):/.test(uri) && components.includes('main');

/**
 * Debian's mirrors as this machine uses them. A machine of another release serves as well: a mirror holds them all.
 * `DIB_DISTRIBUTION_MIRROR` and `DIB_DEBIAN_SECURITY_MIRROR` of the environment win.
 */
export function findMirrors(
  sources: readonly AptSource[],
  env: Readonly<Record<string, string | undefined>> = {},
): Mirrors {
  const usable = sources.filter(isMirror);
  const isSecurity = ({ suite }: AptSource) => /-security$|\/updates$/.test(suite);
  const releases = /^(stable|oldstable|testing|sid|unstable|buster|bullseye|bookworm|trixie|forky)$/;
  const main = env.DIB_DISTRIBUTION_MIRROR ?? usable.find(({ suite }) => releases.test(suite))?.uri;
  const security = env.DIB_DEBIAN_SECURITY_MIRROR ?? usable.find(isSecurity)?.uri;
  if (main === undefined)
    throw new BuildFailed(
      'no Debian mirror in /etc/apt/sources.list or /etc/apt/sources.list.d\n' +
        'name one: DIB_DISTRIBUTION_MIRROR=http://<mirror>/debian npm run ramdisk',
    );
  return { main: trimmed(main), ...(security === undefined ? {} : { security: trimmed(security) }) };
}

/** `deb` lines for `release`, as DIB_APT_SOURCES_CONF of diskimage-builder wants them (`name:line`). */
export function sourceLines(mirrors: Mirrors, release: string, components: string): readonly string[] {
  const parts = components.replaceAll(',', ' ');
  const rolling = /^(sid|unstable)$/.test(release);
  return [
    `default:deb ${mirrors.main} ${release} ${parts}`,
    ...(rolling ? [] : [`updates:deb ${mirrors.main} ${release}-updates ${parts}`]),
    ...(rolling || mirrors.security === undefined
      ? []
      : [`security:deb ${mirrors.security} ${release}-security ${parts}`]),
  ];
}
