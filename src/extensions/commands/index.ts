import type { Command } from '../../core/index.ts';
import type { AgentPorts } from '../ports.ts';
import { imageCommands } from './image.ts';
import { logCommands } from './log.ts';
import { pollCommands } from './poll.ts';
import { standbyCommands } from './standby.ts';
import { stepCommands } from './steps.ts';
import { systemCommands } from './system.ts';

/** The command table (protocol.md 8.4). */
export const commands: readonly Command<AgentPorts>[] = [
  ...stepCommands,
  ...standbyCommands,
  ...imageCommands,
  ...pollCommands,
  ...logCommands,
  ...systemCommands,
];

/** What may stand before the dot of a command name. */
export const extensionNames: readonly string[] = [
  ...['clean', 'deploy', 'service', 'standby', 'image', 'poll', 'log', 'system'],
  // Known to every conductor, without a command in this release: calls get 400 and not 404.
  ...['rescue', 'flow'],
];
