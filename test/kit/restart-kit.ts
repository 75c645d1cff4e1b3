import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { onTestFinished } from 'vitest';
import { type AgentPlace, type AgentProcess, makePlace, startAgent } from './agent-process.ts';
import { callAgent, certificateOf, type Reply } from './conductor-call.ts';
import {
  lookupDocument,
  type ScriptedConductor,
  type SeenRequest,
  startConductor,
  TOKEN,
} from './scripted-conductor.ts';

/** A server that takes every request and answers none: what asks it runs until it is ended. */
export interface SilentServer {
  readonly url: string;
}

export async function silentServer(): Promise<SilentServer> {
  const server: Server = createServer(() => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/drive` };
}

/** One agent after the other in one place, before one conductor. */
export interface Lives {
  readonly conductor: ScriptedConductor;
  readonly place: AgentPlace;
  start(more?: readonly string[]): Promise<AgentProcess>;
  /** As the conductor calls: over TLS, trusting only the certificate of the last heartbeat. */
  call(method: 'GET' | 'POST', body?: unknown, token?: string, query?: string): Promise<Reply>;
}

export async function livesOf(flags: readonly string[] = [], version = '1.96', binary?: string): Promise<Lives> {
  const conductor = await startConductor({ version });
  const place = { ...(await makePlace()), ...(binary === undefined ? {} : { binary }) };
  const agents: AgentProcess[] = [];
  const common = ['--api_url', conductor.url, '--lookup_interval', '0', '--disk_wait_attempts', '0', ...flags];
  onTestFinished(async () => {
    for (const agent of agents) await agent.stop();
    await conductor.close();
  });
  return {
    conductor,
    place,
    start: async (more = []) => {
      const agent = await startAgent([...common, ...more], place);
      agents.push(agent);
      return agent;
    },
    call: (method, body, token = TOKEN, query = '') => {
      const last = conductor.seen('heartbeat').at(-1);
      if (last === undefined) return Promise.reject(new Error('no heartbeat yet'));
      return callAgent(place.port, certificateOf(last), method, `/v1/commands/?agent_token=${token}&${query}`, body);
    },
  };
}

/** After the first lookup of a boot, Ironic tells the token no more. */
export const maskTheToken = ({ conductor }: Pick<Lives, 'conductor'>): void =>
  conductor.script('lookup', { status: 200, json: lookupDocument({ agent_token: '******' }) });

/** One that has not come yet. */
export const nextHeartbeat = ({ conductor }: Pick<Lives, 'conductor'>): Promise<SeenRequest> =>
  conductor.nth('heartbeat', conductor.seen('heartbeat').length + 1);

export const idsOf = (commands: readonly { readonly id: string }[]): readonly string[] => commands.map(({ id }) => id);

/** An async command that waits for a config drive which never comes: it runs, and is far from any disk. */
export const waitingCommand = (driveUrl: string) => ({
  name: 'standby.prepare_image',
  params: {
    image_info: {
      id: 'image-1',
      urls: ['http://127.0.0.1:9/image'],
      os_hash_algo: 'sha256',
      os_hash_value: 'a'.repeat(64),
    },
    configdrive: driveUrl,
  },
});
