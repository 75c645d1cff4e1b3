import type { Command } from '../../src/core/index.ts';
import { declaredIn, isCommand, sourcesLike } from './declarations.ts';
import { code, grouped, heading, type Page, page, parts, table } from './markdown.ts';
import { propertiesOf } from './schema-text.ts';

function parameters(command: Command<unknown>): string {
  const rows = propertiesOf(command.params).map(({ name, required, type, doc, fallback }) => [
    code(name),
    type,
    required ? 'yes' : 'no',
    fallback === '' ? doc : `${doc} Default ${fallback}.`.trim(),
  ]);
  return rows.length === 0 ? 'No parameters.' : table(['Parameter', 'Type', 'Required', 'Meaning'], rows);
}

function section(command: Command<unknown>): string {
  const { name, kind, doc, result, throws, whileBusy } = command;
  const how = kind === 'sync' ? 'Answers when it is done.' : 'Answers RUNNING at once; the result is fetched later.';
  const busy = whileBusy === true ? ' May run beside another command.' : '';
  const errors = throws.length === 0 ? '' : `Errors: ${throws.map(({ type }) => code(type)).join(', ')}.`;
  return parts(heading(3, name), doc, `${how}${busy} Result: ${result}.`, parameters(command), errors);
}

export function commandsPage(commands: readonly Command<unknown>[]): Page {
  const groups = grouped(commands, ({ name }) => name.split('.')[0] ?? '').map(([extension, list]) =>
    parts(heading(2, extension), ...list.map(section)),
  );
  const intro =
    'Commands that the conductor sends with `POST /v1/commands`, by extension. The body is `{"name": "<extension>.<command>", "params": {...}}`.';
  return page('commands.md', 'Commands', intro, ...(groups.length === 0 ? ['None.'] : groups));
}

export async function declaredCommands(): Promise<readonly Command<unknown>[]> {
  const found = await declaredIn(sourcesLike('src/extensions/index.ts'), isCommand);
  return found.map(({ value }) => value);
}
