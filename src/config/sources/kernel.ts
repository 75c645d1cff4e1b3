import type { AnyOption } from '../option.ts';
import { optionList } from '../options/index.ts';
import type { Source } from './source.ts';
import { nearest } from './suggest.ts';

export type KernelParameters = ReadonlyMap<string, string>;

/** Parameters that older releases read; they are ignored without a word. */
export const toleratedParameters: readonly string[] = ['ipa-agent-token-required', 'ipa-standalone'];

/**
 * All `key=value` of a kernel command line (or of a parameters file with the same syntax). Split at white space outside
 * double quotes; a quote without partner is an ordinary character. Bare words are left out, the last duplicate wins.
 */
export function parseKernelLine(line: string): KernelParameters {
  const parameters = new Map<string, string>();
  for (const [token] of line.matchAll(/(?:[^\s"]|"[^"]*"|")+/g)) {
    const plain = token.replace(/"([^"]*)"/g, '$1');
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

const originOf = (option: AnyOption) => `kernel parameter ${option.kernel}`;
const rawOf = (parameters: KernelParameters, { kernel }: AnyOption) =>
  kernel === undefined ? undefined : parameters.get(kernel);

/** Kernel parameters as defaults. */
export function kernelSource(parameters: KernelParameters): Source {
  return {
    find: (option) => {
      const raw = rawOf(parameters, option);
      return raw === undefined || option.kernelRule !== undefined ? null : { raw, origin: originOf(option) };
    },
    onBad: 'warn',
    substitutes: false,
  };
}

/** Kernel parameters with a rule of their own, which beat every other source (`ipa-debug`). */
export function kernelRuleSource(parameters: KernelParameters): Source {
  return {
    find: (option) => {
      const raw = rawOf(parameters, option);
      if (raw === undefined || option.kernelRule === undefined) return null;
      return { raw: option.kernelRule(raw), origin: originOf(option) };
    },
    onBad: 'warn',
    substitutes: false,
  };
}

/** A sentence for each `ipa-` parameter that looks like a misspelled one. */
export function misspelledParameters(parameters: KernelParameters): readonly string[] {
  const known = optionList.flatMap(([, { kernel }]) => (kernel === undefined ? [] : [kernel]));
  return [...parameters.keys()]
    .filter((name) => name.startsWith('ipa-') && !known.includes(name) && !toleratedParameters.includes(name))
    .flatMap((name) => {
      const near = nearest(name, known);
      return near === null ? [] : [`kernel parameter ${name} is unknown and ignored; did you mean ${near}?`];
    });
}
