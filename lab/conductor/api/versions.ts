import { ApiFault } from './faults.ts';

/** Minor number of an API version `1.x`. */
export type Minor = number;

export const VERSION_HEADER = 'x-openstack-ironic-api-version';
const WITHOUT_HEADER: Minor = 1;

/** Reads `1.82`; null for anything else. */
export function parseVersion(text: string): Minor | null {
  const minor = /^1\.(\d{1,3})$/.exec(text)?.[1];
  return minor === undefined ? null : Number(minor);
}

/** The version one request speaks: 1.1 without the header, the newest for `latest`, 406 above the maximum. */
export function negotiate(header: string | undefined, max: Minor): Minor {
  if (header === undefined) return WITHOUT_HEADER;
  if (header === 'latest') return max;
  const minor = parseVersion(header);
  if (minor !== null && minor >= 1 && minor <= max) return minor;
  throw new ApiFault(
    406,
    `Version ${header} was requested but is not supported by this service. The supported version range is: [1.1, 1.${max}].`,
  );
}

export const versionHeaders = (max: Minor, spoken: Minor): Readonly<Record<string, string>> => ({
  'x-openstack-ironic-api-minimum-version': '1.1',
  'x-openstack-ironic-api-maximum-version': `1.${max}`,
  [VERSION_HEADER]: `1.${spoken}`,
});

export function discovery(base: string, max: Minor) {
  const v1 = {
    id: 'v1',
    links: [{ href: `${base}/v1/`, rel: 'self' }],
    status: 'CURRENT',
    min_version: '1.1',
    version: `1.${max}`,
  };
  return {
    name: 'OpenStack Ironic API',
    description: 'Embedded conductor of the ironic-node-agent lab.',
    default_version: v1,
    versions: [v1],
  };
}
