import type { Diagnosis, Exchange, Finding } from '../../ironic/index.ts';

export interface Trouble {
  readonly exchange: Exchange;
  /** The last failure, in one sentence. */
  readonly why: string;
}

export interface Verdict {
  readonly text: string;
  /** `refused`: the way is free, the server does not want what the agent says. */
  readonly finding: Finding | { readonly kind: 'refused' };
}

/** One line for people from what was seen. One free way is enough to reach a conductor, so then its answer counts. */
export function verdictOf({ exchange, why }: Trouble, seen: readonly Diagnosis[]): Verdict {
  const [first, ...others] = seen;
  const blocked = seen.filter(({ verdict }) => verdict !== null);
  if (first?.verdict == null || first.finding === null || blocked.length < seen.length)
    return { text: `${exchange} fails: ${why}`, finding: { kind: 'refused' } };
  const more =
    others.length === 0 ? '' : ` (the other ${others.length === 1 ? 'URL fails' : `${others.length} URLs fail`} too)`;
  return { text: `${first.verdict}${more}`, finding: first.finding };
}
