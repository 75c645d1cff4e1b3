import { type Command, InvalidCommand, RequestedObjectNotFound } from '../../core/index.ts';

/** Client text in an answer: enough to recognise it, never a whole config drive. */
const quote = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}...` : text);

/** Finds a command by its wire name; the faults are those of protocol.md 7.4. */
export function commandFinder<P>(commands: readonly Command<P>[], extensions: readonly string[]) {
  const byName = new Map(commands.map((command) => [command.name, command]));
  return (name: string): Command<P> => {
    const dot = name.indexOf('.');
    if (dot < 0) throw InvalidCommand('Command name must be of the form <extension>.<name>');
    const extension = name.slice(0, dot);
    if (!extensions.includes(extension))
      throw RequestedObjectNotFound(`Extension with id ${quote(extension)} not found.`);
    const command = byName.get(name);
    if (command === undefined) throw InvalidCommand(`Unknown command: ${quote(name.slice(dot + 1))}`);
    return command;
  };
}
