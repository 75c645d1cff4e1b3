import { Type } from 'typebox';
import { type Command, defineCommand, type Run } from '../../core/index.ts';
import type { AgentPorts } from '../ports.ts';

const lockdown = defineCommand({
  name: 'system.lockdown',
  kind: 'sync',
  doc: 'Answer, then stop API and heartbeats, take every network link down and idle for good.',
  result: 'none',
  params: Type.Object({}),
  throws: [],
  run: async (_params, { ports }: Run<AgentPorts>) => ports.control.lockdown(),
});

export const systemCommands: readonly Command<AgentPorts>[] = [lockdown];
