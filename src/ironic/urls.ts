/** Ways to name the API that all mean the same server: no trailing slash, no trailing `/v1` (protocol 3). */
export const baseUrl = (url: string): string => url.trim().replace(/\/+$/, '').replace(/\/v1$/, '').replace(/\/+$/, '');

export interface InspectionSettings {
  /** `inspection_callback_url`: one or more URLs joined by commas; `mdns` is resolved before. */
  readonly callbackUrl: string | null;
  readonly apiUrls: readonly string[];
}

/** Where the inventory goes, in order: the callback, or else the API itself (protocol 13.1). */
export function inspectionTargets({ callbackUrl, apiUrls }: InspectionSettings): readonly string[] {
  const named = (callbackUrl ?? '').split(',').map((url) => url.trim());
  const targets = named.filter((url) => url !== '');
  return targets.length > 0 ? targets : apiUrls.map((url) => `${baseUrl(url)}/v1/continue_inspection`);
}

/** `https://[2001:db8::1]:9999`: no path, no trailing slash (protocol 5.1). */
export const callbackUrl = (protocol: 'http' | 'https', host: string, port: number): string =>
  `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`;
