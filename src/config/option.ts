import type { Static, TSchema } from 'typebox';
import type { Kind } from './kinds/index.ts';

/** What computed defaults depend on; main reads it from the machine. */
export interface ConfigFacts {
  readonly ipv6Enabled: boolean;
}

/** `now`: read by this release. `never`: kept so that old files stay valid. */
export type Effect = 'now' | 'never';

export interface OptionName {
  readonly section: string;
  readonly name: string;
}

export interface OptionSpec<S extends TSchema> {
  /** Default `DEFAULT`. */
  readonly section?: string;
  /** As in the file, with underscores. */
  readonly name: string;
  readonly kind: Kind<S>;
  readonly default: NoInfer<Static<S>>;
  /** Replaces `default` by something that depends on the machine. */
  readonly computed?: { readonly from: (facts: ConfigFacts) => NoInfer<Static<S>>; readonly doc: string };
  /** Kernel parameter that sets the default. */
  readonly kernel?: string;
  /** Kernel parameters of earlier times that still set it, best first; `kernel` beats them. */
  readonly oldKernel?: readonly string[];
  /** The kernel parameter has a spelling of its own and beats every other source: its text as text for `kind` (`debug`). */
  readonly kernelRule?: (raw: string) => string;
  /** Command-line name without dashes, where it is not `<name>` or `<section>-<name>`. */
  readonly flag?: string;
  /** Older names that still work. */
  readonly aliases?: readonly OptionName[];
  /** Never printed; `in-options`: the secrets among options of a program are not. */
  readonly secret?: true | 'in-options';
  readonly effect?: Effect;
  readonly doc: string;
}

export interface Option<S extends TSchema> extends OptionSpec<S> {
  readonly section: string;
  readonly flag: string;
  readonly aliases: readonly OptionName[];
  readonly oldKernel: readonly string[];
  readonly effect: Effect;
}

export type AnyOption = Option<TSchema>;

const REMARK: Readonly<Record<Effect, string>> = {
  now: '',
  never: ' Accepted so that old files stay valid; has no effect.',
};

/** One row of the option table. Everything else (parsers, help, sample file, docs) derives from it. */
export function defineOption<S extends TSchema>(spec: OptionSpec<S>): Option<S> {
  const section = spec.section ?? 'DEFAULT';
  const effect = spec.effect ?? 'now';
  return {
    ...spec,
    section,
    effect,
    flag: spec.flag ?? (section === 'DEFAULT' ? spec.name : `${section}-${spec.name}`),
    aliases: spec.aliases ?? [],
    oldKernel: spec.oldKernel ?? [],
    doc: `${spec.doc}${REMARK[effect]}`,
  };
}

/** `[disk_utils]dd_block_size` -> `diskUtilsDdBlockSize`; `[DEFAULT]api_url` -> `apiUrl`. */
export function keyOf(option: OptionName): string {
  const full = option.section === 'DEFAULT' ? option.name : `${option.section}_${option.name}`;
  return full.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** `--listen_tls` is undone by `--nolisten_tls`, `--mdns-use_mdns` by `--mdns-nouse_mdns`. */
export function negatedFlag(option: AnyOption): string {
  const prefix = option.section === 'DEFAULT' ? '' : `${option.section}-`;
  return `${prefix}no${option.flag.slice(prefix.length)}`;
}
