import type { Config } from '../../config/index.ts';
import {
  type Diagnosis,
  type DiagnosisPorts,
  type DiagnosisTarget,
  diagnosePath,
  type Exchange,
} from '../../ironic/index.ts';
import { apiSettings, apiUrls, inspectionAddresses } from '../settings/index.ts';

const MOST_TARGETS = 4;

const apis = (config: Config): readonly DiagnosisTarget[] =>
  apiUrls(config).map((url) => ({ role: 'Ironic API', url }));

const callbacks = (config: Config): readonly DiagnosisTarget[] =>
  (inspectionAddresses(config).callbackUrl ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => URL.canParse(url))
    .map((url) => ({ role: 'inspection callback', url }));

/** The servers that an exchange needs; all of them without one. */
export function targetsOf(config: Config, exchange: Exchange | null): readonly DiagnosisTarget[] {
  const called = callbacks(config);
  if (exchange === null) return [...apis(config), ...called];
  return exchange === 'inspection' && called.length > 0 ? called : apis(config);
}

/** Looks at the way to each of them at once. `local`: what the conductor set for its own calls must not count here. */
export const diagnoseAll = (
  ports: DiagnosisPorts,
  { config, local }: { readonly config: Config; readonly local: Config },
  exchange: Exchange | null,
  signal: AbortSignal,
): Promise<readonly Diagnosis[]> =>
  Promise.all(
    targetsOf(config, exchange)
      .slice(0, MOST_TARGETS)
      .map((target) => diagnosePath(ports, target, apiSettings(local).tls, signal)),
  );
