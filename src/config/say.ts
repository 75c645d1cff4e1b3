import { maskedOptions, redactText } from '../core/index.ts';
import type { AnyOption } from './option.ts';
import { bracketed, type Found } from './sources/index.ts';

const LONGEST = 200;

/** What a value that is no secret as a whole shows. */
export const withoutSecrets = (option: AnyOption, text: string, secrets: readonly string[] = []): string =>
  redactText(option.secret === 'in-options' ? maskedOptions(text) : text, secrets);

/** A value for people: quoted, short, without secrets. */
export function shown(option: AnyOption, text: string): string {
  if (option.secret === true) return '****** (hidden)';
  const plain = withoutSecrets(option, text);
  return JSON.stringify(plain.length > LONGEST ? `${plain.slice(0, LONGEST)}...` : plain);
}

/** `listen_port = "abc" (file /etc/a.conf [DEFAULT] line 3)`. */
export const setting = (option: AnyOption, { raw, origin }: Found): string =>
  `${bracketed(option)} = ${shown(option, raw)} (${origin})`;

export const refusal = (option: AnyOption, found: Found): string =>
  `${setting(option, found)} is not allowed: expected ${option.kind.allowed}`;

export const loopRefusal = (option: AnyOption, found: Found): string =>
  `${setting(option, found)} is not allowed: its $ reference leads back to itself`;

export const oldName = (option: AnyOption, { alias, instead, origin }: Found): string =>
  `${alias} (${origin}) is an old name; write ${instead ?? bracketed(option)}`;
