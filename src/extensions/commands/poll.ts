import { Type } from 'typebox';
import { type Command, defineCommand, InvalidCommand, type Run } from '../../core/index.ts';
import { collectInventory } from '../../hardware/index.ts';
import type { AgentPorts } from '../ports.ts';

const getHardwareInfo = defineCommand({
  name: 'poll.get_hardware_info',
  kind: 'sync',
  doc: 'Collect the hardware inventory anew.',
  result: 'the inventory object',
  params: Type.Object({}),
  throws: [],
  run: async (_params, { ports, signal, log }: Run<AgentPorts>) => {
    const { bootif, skipBmc } = ports.settings;
    const { inventory, problems } = await collectInventory(ports.hardware, { bootif, skipBmc }, signal);
    if (problems.length > 0) log.warn('inventory.problems', { problems });
    return inventory;
  },
});

const setNodeInfo = defineCommand({
  name: 'poll.set_node_info',
  kind: 'sync',
  doc: 'Refused: a node record can be handed in only in standalone mode, which this agent does not have.',
  result: 'none',
  params: Type.Object({ node_info: Type.Optional(Type.Unknown()) }),
  throws: [InvalidCommand],
  run: () => Promise.reject(InvalidCommand('node information comes from lookup; set_node_info needs standalone mode')),
});

export const pollCommands: readonly Command<AgentPorts>[] = [getHardwareInfo, setNodeInfo];
