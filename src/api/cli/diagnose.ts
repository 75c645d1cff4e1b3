import type { Check, Diagnosis } from '../../runtime/index.ts';

/** Every step of the way to every server, for people or as JSON; `ok` when each of them can be reached. */
export interface PathReport {
  readonly text: string;
  readonly ok: boolean;
}

const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

const checkLines = ({ name, ok, text, advice }: Check): readonly string[] => [
  `  ${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(10)}  ${printable(text)}`,
  ...(advice === undefined ? [] : [`${' '.repeat(22)}next: ${printable(advice)}`]),
];

const pathLines = ({ url, role, checks, verdict }: Diagnosis): readonly string[] => [
  `${url} (${role})`,
  ...checks.flatMap(checkLines),
  verdict === null ? 'verdict: it can be reached' : `verdict: ${printable(verdict)}`,
  '',
];

const NOTHING = 'neither api_url nor inspection_callback_url is set: there is no server to test';

export function renderPaths(seen: readonly Diagnosis[], asJson: boolean): PathReport {
  const ok = seen.length > 0 && seen.every(({ verdict }) => verdict === null);
  if (asJson) return { ok, text: `${JSON.stringify({ ok, paths: seen }, null, 2)}\n` };
  return { ok, text: `${(seen.length === 0 ? [NOTHING, ''] : seen.flatMap(pathLines)).join('\n')}` };
}
