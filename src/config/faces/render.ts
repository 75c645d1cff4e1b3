import { createSecrets, MASK, secretsInOptions } from '../../core/index.ts';
import { textOf } from '../kinds/index.ts';
import { optionList } from '../options/index.ts';
import type { Resolved } from '../resolved.ts';
import { withoutSecrets } from '../say.ts';
import { assignment, bySection, type Row } from './ini-text.ts';

function secretsOf({ config }: Resolved): readonly string[] {
  const secrets = createSecrets();
  for (const [key, option] of optionList) {
    const text = textOf(config[key]);
    const found = option.secret === 'in-options' ? secretsInOptions(text.split(/[\s,]+/)) : [text];
    if (option.secret !== undefined) for (const secret of found) secrets.add(secret);
  }
  return secrets.values();
}

function renderOption([key, option]: Row, resolved: Resolved, secrets: readonly string[]): string {
  const value = resolved.config[key];
  const origin = resolved.origins[key];
  if (value === null) return `# ${origin}, not set\n#${assignment(option, '')}`;
  if (option.secret === true) return `# ${origin}, hidden\n#${assignment(option, MASK)}`;
  const plain = textOf(value);
  const open = withoutSecrets(option, plain, secrets);
  if (open === plain) return `# ${origin}\n${assignment(option, plain)}`;
  return `# ${origin}, secret parts hidden\n#${assignment(option, open.replaceAll('\n', ' '))}`;
}

/**
 * The effective configuration as an INI file: each option under a comment that says where its value comes from. Secrets
 * are hidden, and what cannot be given back unchanged is commented out, so the text may be used as a file.
 */
export function renderConfig(resolved: Resolved): string {
  const secrets = secretsOf(resolved);
  const sections = [...bySection()].map(([section, rows]) =>
    [`[${section}]`, ...rows.map((row) => renderOption(row, resolved, secrets))].join('\n\n'),
  );
  return `${sections.join('\n\n')}\n`;
}
