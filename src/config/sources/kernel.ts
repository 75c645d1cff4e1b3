import type { AnyOption } from '../option.ts';
import { optionList } from '../options/index.ts';
import type { BootParameters } from './boot-parameters.ts';
import type { Found, Source } from './source.ts';
import { nearest } from './suggest.ts';

export type KernelParameters = ReadonlyMap<string, string>;

/** Parameters that older releases read; they are ignored without a word. */
export const toleratedParameters: readonly string[] = ['ipa-agent-token-required', 'ipa-standalone'];

/**
 * All `key=value` of a kernel command line (or of a parameters file with the same syntax). Split at white space outside
 * double quotes; a quote without partner in its line is an ordinary character. Bare words are left out, the last duplicate
 * wins.
 */
export function parseKernelLine(line: string): KernelParameters {
  const parameters = new Map<string, string>();
  for (const [token] of line.matchAll(/(?:[^\s"]|"[^"\n]*"|")+/g)) {
    const plain = token.replace(/"([^"\n]*)"/g, '$1');
    const cut = plain.indexOf('=');
    if (cut > 0) parameters.set(plain.slice(0, cut), plain.slice(cut + 1));
  }
  return parameters;
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}(:[0-9a-f]{2}){0,14}$/;

/**
 * MAC address of a `BOOTIF` parameter in lower case with colons, or null when it is none. Accepts `aa:bb:...` (iPXE) and
 * `01-aa-bb-...` (pxelinux, with the hardware type in front).
 */
export function normalizeBootif(value: string): string | null {
  const parts = value.trim().toLowerCase().split('-');
  const typed = parts.length > 1 && parts.length !== 6;
  const mac = (typed ? parts.slice(1) : parts).join(':');
  return MAC.test(mac) ? mac : null;
}

/** The value under the parameter's name or, when that is absent, under an older one. */
function findIn({ values, originOf }: BootParameters, { kernel, oldKernel }: AnyOption): Found | null {
  if (kernel === undefined) return null;
  for (const name of [kernel, ...oldKernel]) {
    const raw = values.get(name);
    if (raw === undefined) continue;
    return { raw, origin: originOf(name), ...(name === kernel ? {} : { alias: name, instead: kernel }) };
  }
  return null;
}

/** Kernel parameters as defaults. */
export function kernelSource(parameters: BootParameters): Source {
  return {
    find: (option) => (option.kernelRule === undefined ? findIn(parameters, option) : null),
    onBad: 'warn',
    substitutes: false,
  };
}

/** Kernel parameters with a rule of their own, which beat every other source (`ipa-debug`). */
export function kernelRuleSource(parameters: BootParameters): Source {
  return {
    find: (option) => {
      const found = findIn(parameters, option);
      if (found === null || option.kernelRule === undefined) return null;
      return { ...found, raw: option.kernelRule(found.raw) };
    },
    onBad: 'warn',
    substitutes: false,
  };
}

/** A sentence for each `ipa-` parameter that looks like a misspelled one. */
export function misspelledParameters({ values, originOf }: BootParameters): readonly string[] {
  const known = optionList.flatMap(([, { kernel }]) => (kernel === undefined ? [] : [kernel]));
  return [...values.keys()]
    .filter((name) => name.startsWith('ipa-') && !known.includes(name) && !toleratedParameters.includes(name))
    .flatMap((name) => {
      const near = nearest(name, known);
      return near === null ? [] : [`${originOf(name)} is unknown and ignored; did you mean ${near}?`];
    });
}
