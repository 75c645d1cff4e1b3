/** Text of the option that a reference names, or null when there is none. */
export type TextOf = (section: string, name: string) => string | null;

const REFERENCE = /\$(\$)|\\(\$)|\$\{([a-z_][a-z0-9_.]*)\}|\$([a-z_][a-z0-9_.]*)/gi;

/**
 * Replaces `$name`, `${name}` and `${group.name}` in a value of `section` by the text of that option: of its own section
 * first, then of DEFAULT. `$$` and `\$` stand for a dollar sign; an unknown reference stays as it is.
 */
export function substitute(value: string, section: string, textOf: TextOf): string {
  return value.replace(REFERENCE, (whole, dollar?: string, escaped?: string, braced?: string, plain?: string) => {
    if (dollar !== undefined || escaped !== undefined) return '$';
    const reference = braced ?? plain ?? '';
    const dot = reference.indexOf('.');
    const found =
      dot > 0
        ? textOf(reference.slice(0, dot), reference.slice(dot + 1))
        : (textOf(section, reference) ?? textOf('DEFAULT', reference));
    return found ?? whole;
  });
}

/** The inverse: text that `substitute` leaves alone. */
export const escapeDollars = (value: string): string => value.replaceAll('$', '$$$$');
