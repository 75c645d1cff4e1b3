import type { Static } from 'typebox';
import type { AnyOption } from '../option.ts';
import { agentOptions } from './agent.ts';
import { apiOptions } from './api.ts';
import { containerOptions } from './containers.ts';
import { diskOptions } from './disks.ts';
import { imageOptions } from './image.ts';
import { inspectionOptions } from './inspection.ts';
import { loggingOptions } from './logging.ts';
import { mdnsOptions, metricsOptions } from './services.ts';
import { tlsOptions } from './tls.ts';

/** Every option, by its key in `Config` (protocol.md 2.2, 2.3). */
export const options = {
  ...apiOptions,
  ...tlsOptions,
  ...agentOptions,
  ...inspectionOptions,
  ...imageOptions,
  ...diskOptions,
  ...loggingOptions,
  ...mdnsOptions,
  ...metricsOptions,
  ...containerOptions,
} as const;

export type OptionKey = keyof typeof options;

/** The effective values, typed by their schemas; what is unset is null. */
export type Config = { readonly [K in OptionKey]: Static<(typeof options)[K]['kind']['schema']> };

/** The table as a list, for everything that treats all rows alike. */
export const optionList: readonly (readonly [OptionKey, AnyOption])[] = Object.entries(options).flatMap(
  ([key, option]) => (isOptionKey(key) ? [[key, option] as const] : []),
);

export interface OptionGroup {
  readonly title: string;
  readonly options: Readonly<Record<string, AnyOption>>;
}

/** The same table by topic, for people. */
export const optionGroups: readonly OptionGroup[] = [
  { title: 'Ironic API and agent API', options: apiOptions },
  { title: 'TLS', options: tlsOptions },
  { title: 'Agent', options: agentOptions },
  { title: 'Inspection', options: inspectionOptions },
  { title: 'Images', options: imageOptions },
  { title: 'Disks', options: diskOptions },
  { title: 'Logging', options: loggingOptions },
  { title: 'Multicast DNS', options: mdnsOptions },
  { title: 'Metrics', options: metricsOptions },
  { title: 'Containers', options: containerOptions },
];

export function isOptionKey(key: string): key is OptionKey {
  return Object.hasOwn(options, key);
}
