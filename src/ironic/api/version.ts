/** API version, compared number by number: 1.9 is older than 1.10. */
export interface ApiVersion {
  readonly major: number;
  readonly minor: number;
}

export const version = (major: number, minor: number): ApiVersion => ({ major, minor });

/** Assumed while discovery fails; the oldest server this agent can talk to (protocol 3). */
export const OLDEST = version(1, 31);

/** `"1.115"`; null for anything else. */
export function parseVersion(text: unknown): ApiVersion | null {
  const found = typeof text === 'string' ? /^\s*(\d{1,6})\.(\d{1,6})\s*$/.exec(text) : null;
  return found === null ? null : version(Number(found[1]), Number(found[2]));
}

export const formatVersion = (v: ApiVersion): string => `${v.major}.${v.minor}`;

export const atLeast = (v: ApiVersion, wanted: ApiVersion): boolean =>
  v.major > wanted.major || (v.major === wanted.major && v.minor >= wanted.minor);

export const lower = (a: ApiVersion, b: ApiVersion): ApiVersion => (atLeast(a, b) ? b : a);
