import { type TSchema, Type } from 'typebox';
import type { DeclaredCommand } from '../../../core/index.ts';

const paramsOf = ({ params, moreParams }: DeclaredCommand): TSchema =>
  Type.IsObject(params) && moreParams !== true ? { ...params, additionalProperties: false } : params;

const HOW = {
  sync: 'Answered when it is done.',
  async: 'Answered at once with RUNNING; the result is fetched later, or awaited with `wait=true`.',
};

/** The body that starts one command. */
const requestOf = (command: DeclaredCommand) => ({
  title: command.name,
  description: `${command.doc} ${HOW[command.kind]} Result: ${command.result}.`,
  type: 'object',
  required: ['name', 'params'],
  properties: { name: { const: command.name }, params: paramsOf(command) },
  'x-errors': command.throws.map(({ type }) => type),
});

/** Under the names of the commands, which the document allows as they are. */
export const commandSchemas = (commands: readonly DeclaredCommand[]) =>
  Object.fromEntries(commands.map((command) => [command.name, requestOf(command)]));

/** The body of the one POST route: told apart by `name`. */
export function commandBody(commands: readonly DeclaredCommand[]) {
  const refs = commands.map(({ name }) => [name, `#/components/schemas/${name}`] as const);
  return {
    oneOf: refs.map(([, $ref]) => ({ $ref })),
    discriminator: { propertyName: 'name', mapping: Object.fromEntries(refs) },
  };
}
