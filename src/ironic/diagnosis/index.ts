import type { ClientTls } from '../../system/index.ts';
import type { Diagnosis, DiagnosisTarget } from './facts.ts';
import { type DiagnosisPorts, gatherPath } from './gather.ts';
import { judge } from './judge.ts';

export type { Check, Diagnosis, DiagnosisTarget, Finding, PathFacts } from './facts.ts';
export type { DiagnosisPorts } from './gather.ts';
export { judge } from './judge.ts';

/** Looks at the way to `target` and says what stands in it; takes at most half a minute. */
export async function diagnosePath(
  ports: DiagnosisPorts,
  target: DiagnosisTarget,
  tls: ClientTls,
  signal: AbortSignal,
): Promise<Diagnosis> {
  return judge(await gatherPath(ports, target, tls, signal));
}
