import type { Command } from '../../core/index.ts';
import type { AgentPorts } from '../ports.ts';
import { flowCommands } from './flow.ts';
import { imageCommands } from './image.ts';
import { logCommands } from './log.ts';
import { pollCommands } from './poll.ts';
import { rescueCommands } from './rescue.ts';
import { standbyCommands } from './standby.ts';
import { stepCommands } from './steps.ts';
import { systemCommands } from './system.ts';

const single: readonly Command<AgentPorts>[] = [
  ...stepCommands,
  ...standbyCommands,
  ...imageCommands,
  ...pollCommands,
  ...logCommands,
  ...rescueCommands,
  ...systemCommands,
];

const extensionsOf = (commands: readonly Command<AgentPorts>[]): readonly string[] => [
  ...new Set(commands.map(({ name }) => name.slice(0, name.indexOf('.')))),
];

/** The command table (protocol.md 8.4). */
export const commands: readonly Command<AgentPorts>[] = [
  ...single,
  ...flowCommands(single, [...extensionsOf(single), 'flow']),
];

/** What may stand before the dot of a command name. */
export const extensionNames: readonly string[] = extensionsOf(commands);
