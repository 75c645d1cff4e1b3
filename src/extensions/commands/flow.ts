import { type Static, Type } from 'typebox';
import {
  type Command,
  CommandExecutionFailed,
  commandFinder,
  defineCommand,
  RequestedObjectNotFound,
  type Run,
  reasonOf,
} from '../../core/index.ts';
import { readNode } from '../node.ts';
import type { AgentPorts } from '../ports.ts';

const Flow = Type.Array(Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())), {
  description: 'Objects `{"<extension>.<command>": {parameters}}`, executed in this order.',
});

interface Task {
  readonly command: Command<AgentPorts>;
  readonly params: Readonly<Record<string, unknown>>;
}

async function perform({ command, params }: Task, run: Run<AgentPorts>): Promise<void> {
  run.signal.throwIfAborted();
  try {
    await command.invoke(params, { ...run, node: readNode(params.node) ?? run.node });
  } catch (error) {
    run.signal.throwIfAborted();
    throw CommandExecutionFailed(`${command.name} was failed: ${reasonOf(error)}`, { cause: error });
  }
}

/** `flow.start_flow` over the commands of `table`; a flow cannot hold another one. */
export function flowCommands(
  table: readonly Command<AgentPorts>[],
  extensions: readonly string[],
): readonly Command<AgentPorts>[] {
  const commandNamed = commandFinder(table, extensions);
  const tasksOf = (flow: Static<typeof Flow>): readonly Task[] =>
    flow.flatMap((item) => Object.entries(item).map(([name, params]) => ({ command: commandNamed(name), params })));
  const startFlow = defineCommand({
    name: 'flow.start_flow',
    kind: 'async',
    doc: 'Execute several commands in order, each after the end of the one before; the first that fails ends the flow.',
    result: 'none; the results of the single commands are not kept',
    params: Type.Object({ flow: Flow }),
    throws: [CommandExecutionFailed, RequestedObjectNotFound],
    // All names and parameters before the first command: a flow is not to stop half-way for a slip of the pen.
    check: ({ flow }, ports: AgentPorts) => {
      for (const { command, params } of tasksOf(flow)) command.validate(params, ports);
    },
    run: async ({ flow }, run: Run<AgentPorts>) => {
      for (const task of tasksOf(flow)) await perform(task, run);
    },
  });
  return [startFlow];
}
